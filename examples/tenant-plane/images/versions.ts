import type { Kind } from '../app/behaviour.ts';

/** One version of the application that is built as an image of its own. */
export interface Version {
  /** The image's tag. */
  readonly version: string;
  readonly kind: Kind;
  /** The date on the image. */
  readonly released: string;
  /** Migrations up to and including this one are in the image. */
  readonly newestMigration: number;
  /** What the running application says it is, where that is not what it is. */
  readonly reports?: string;
  /** A migration, from `images/broken/`, that fails. */
  readonly brokenMigration?: string;
}

const bad = { released: '2026-05-04', newestMigration: 2018 } as const;

/** Every version: the good ones first, then one for each way in which a release goes wrong. */
export const versions: readonly Version[] = [
  { version: '1.2.1', kind: 'good', released: '2026-01-19', newestMigration: 2016 },
  { version: '1.2.2', kind: 'good', released: '2026-02-16', newestMigration: 2016 },
  { version: '1.3.0', kind: 'good', released: '2026-03-23', newestMigration: 2018 },
  { version: '1.3.1', kind: 'crash', released: '2026-04-13', newestMigration: 2018 },
  { version: '1.4.0', kind: 'good', released: '2026-05-11', newestMigration: 2018 },
  { ...bad, version: '1.4.0-unhealthy', kind: 'unhealthy' },
  { ...bad, version: '1.4.0-degraded', kind: 'degraded' },
  { ...bad, version: '1.4.0-wrongversion', kind: 'good', reports: '1.2.2' },
  { ...bad, version: '1.4.0-slow', kind: 'slow' },
  { ...bad, version: '1.4.0-flaky', kind: 'flaky' },
  { ...bad, version: '1.4.0-hang', kind: 'hang' },
  {
    ...bad,
    version: '1.4.0-badmigration',
    kind: 'good',
    brokenMigration: '2019_rebuild_incident_search.sql',
  },
  { ...bad, version: '1.4.0-loop', kind: 'loop' },
];

/**
 * Looks versions up by name.
 *
 * @throws Error naming the versions that there are, when one is unknown.
 */
export function findVersions(names: readonly string[]): readonly Version[] {
  return names.map((name) => {
    const found = versions.find(({ version }) => version === name);
    if (found !== undefined) return found;
    const known = versions.map(({ version }) => version).join(', ');
    throw new Error(`the example has no version ${name}; it has ${known}`);
  });
}
