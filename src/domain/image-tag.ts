/**
 * Versions and the image tags that carry them.
 */
import type { ComponentSettings } from './deployment.ts';

/** What an image tag may be, and so what a version may be made of. */
export const TAG_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Stands for the version in a tag template. */
export const VERSION_PLACEHOLDER = '{version}';

/** Why `version` can be neither a tag nor a release file's name, or undefined when it can. */
export function whyNotVersion(version: string): string | undefined {
  if (TAG_PATTERN.test(version)) return undefined;
  return 'may hold only letters, digits, ".", "_" and "-", begins with none of ".-", and has at most 128 characters';
}

/** The reference that a component should run in `version`: `{version}` filled into its tag template. */
export function referenceFor(component: ComponentSettings, version: string): string {
  return `${component.image}:${component.tag.replaceAll(VERSION_PLACEHOLDER, version)}`;
}

/** The version that a reference carries by the component's tag template; undefined when its tag is of another form. */
export function versionOfReference(
  component: ComponentSettings,
  reference: string,
): string | undefined {
  const tag = tagOf(reference);
  if (tag === undefined) return undefined;
  const [before = '', ...after] = component.tag.split(VERSION_PLACEHOLDER);
  const end = after[0] ?? '';
  if (!tag.startsWith(before) || tag.length <= before.length + end.length) return undefined;
  if (!tag.endsWith(end)) return undefined;
  return tag.slice(before.length, tag.length - end.length);
}

/** Whether a reference is of the component's repository; Docker Hub's ways to write itself are one. */
export function isOfRepository(component: ComponentSettings, reference: string): boolean {
  const named = reference.split('@')[0] ?? '';
  const tag = tagOf(reference);
  const repository = tag === undefined ? named : named.slice(0, named.length - tag.length - 1);
  return fullName(repository) === fullName(component.image);
}

function tagOf(reference: string): string | undefined {
  const named = reference.split('@')[0] ?? '';
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return colon < 0 ? undefined : named.slice(colon + 1);
}

function fullName(repository: string): string {
  const bare = repository.replace(/^(?:index\.)?docker\.io\//, '');
  return bare.includes('/') ? bare : `library/${bare}`;
}
