/**
 * The version that the files declare now, read from the tags by the components' templates.
 */
import type { Refusal } from '../domain/errors.ts';
import { isOfRepository, versionOfReference } from '../domain/image-tag.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Observed } from '../domain/target.ts';

/** The one declared version, or why there is none. */
export function declaredVersion(
  { name, components }: Pick<Deployment, 'name' | 'components'>,
  observed: Observed,
): { readonly version: string } | { readonly refused: readonly Refusal[] } {
  const versions = new Map<string, string>();
  const refused: Refusal[] = [];
  for (const [component, settings] of Object.entries(components)) {
    const declared = observed.components[component]?.declared;
    if (declared === undefined) {
      refused.push({
        code: 'component-missing',
        message: `${name}: the target has no component "${component}"`,
        remedy: `Name a component that it has; it has ${listed(Object.keys(observed.components))}`,
      });
      continue;
    }
    if (!isOfRepository(settings, declared)) {
      refused.push({
        code: 'other-repository',
        message: `${name}: ${component} is declared as ${declared}, but the deployment file says that its repository is ${settings.image}`,
        remedy: `Correct target components ${component}: image in the deployment file, or the image in the target's files`,
      });
      continue;
    }
    const version = versionOfReference(settings, declared);
    if (version === undefined) {
      refused.push({
        code: 'tag-without-version',
        message: `${name}: the version of ${component} can't be read from ${declared} by the tag template "${settings.tag}"`,
        remedy: `Declare the image with a tag of that form, or correct the component's tag in the deployment file`,
      });
      continue;
    }
    versions.set(component, version);
  }
  if (refused.length > 0) return { refused };
  return oneVersion(name, versions);
}

function oneVersion(
  name: string,
  versions: ReadonlyMap<string, string>,
): { readonly version: string } | { readonly refused: readonly Refusal[] } {
  const [version, ...others] = new Set(versions.values());
  if (version !== undefined && others.length === 0) return { version };
  const found = [...versions].map(([component, of]) => `${component} ${of}`).join(', ');
  return {
    refused: [
      {
        code: 'mixed-versions',
        message: `${name}: its components are declared in different versions (${found})`,
        remedy: 'Bring them to one version by hand, then start again',
      },
    ],
  };
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
