/**
 * Versions compared as semantic versions, as far as they are.
 */
import semver from 'semver';

/** Negative: `a` is older than `b`; 0: the same; undefined: they can't be compared, for one is no semantic version. */
export function compareVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  const [first, second] = [parse(a), parse(b)];
  return first && second ? semver.compare(first, second) : undefined;
}

/** Whether both name the same version; `v1.3.0` and `1.3.0` do. */
export function isSameVersion(a: string, b: string): boolean {
  return compareVersions(a.trim(), b.trim()) === 0;
}

/** Whether `version` lies in a semver range, pre-releases included; undefined when it is no semantic version. */
export function isInRange(version: string, range: string): boolean | undefined {
  const parsed = parse(version);
  if (!parsed) return undefined;
  return semver.satisfies(parsed, range, { loose: true, includePrerelease: true });
}

function parse(version: string): semver.SemVer | null {
  return semver.parse(version, { loose: true });
}
