/**
 * Image references as Docker reads them.
 */

/** An image reference, split; `domain` and `path` are in their full form (`docker.io`, `library/redis`). */
export interface ImageReference {
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const PATH = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*$`);
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Splits a reference; undefined when it is not one that Docker accepts. */
export function parseReference(text: string): ImageReference | undefined {
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const name = splitDomain(colon < 0 ? named : named.slice(0, colon));
  if (!DOMAIN.test(name.domain) || !PATH.test(name.path)) return undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  return { ...name, ...(tag === undefined ? {} : { tag }), ...(digest ? { digest } : {}) };
}

function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  if (slash >= 0 && isDomain && !/^(?:index\.)?docker\.io$/.test(first))
    return { domain: first, path: name.slice(slash + 1) };
  const path = slash >= 0 && isDomain ? name.slice(slash + 1) : name;
  return { domain: 'docker.io', path: path.includes('/') ? path : `library/${path}` };
}

/** `domain/path`, the same for every way to write one repository. */
export function repositoryOf(reference: ImageReference): string {
  return `${reference.domain}/${reference.path}`;
}

/** The full form with tag, so that two ways to write one image compare equal; the digest is left out. */
export function canonicalReference(text: string): string | undefined {
  const parsed = parseReference(text);
  return parsed && `${repositoryOf(parsed)}:${parsed.tag ?? 'latest'}`;
}

/** Whether both name one repository, whatever their tags. */
export function isSameRepository(a: string, b: string): boolean {
  const [first, second] = [parseReference(a), parseReference(b)];
  return (
    first !== undefined && second !== undefined && repositoryOf(first) === repositoryOf(second)
  );
}

/** What is written before the tag and digest: the repository as the author spelt it. */
export function writtenRepository(text: string): string {
  const [named = ''] = text.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return colon < 0 ? named : named.slice(0, colon);
}
