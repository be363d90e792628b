import { existsSync } from 'node:fs';

/** One program whose exit code is the verdict; it counts as one. */
interface Check {
  readonly kind: 'check';
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** One vitest project; each of its tests counts. */
interface Tests {
  readonly kind: 'tests';
  readonly name: string;
  /** Whether its tests run containers and push images. */
  readonly needsStack: boolean;
  /** Whether they also need the test cluster. */
  readonly needsCluster: boolean;
}

export type Suite = Check | Tests;

/** Everything that `npm test` runs, in this order: the quickest to fail first. */
export const suites: readonly Suite[] = [
  check('types', 'tsc', '--noEmit'),
  check('lint', 'eslint', '.'),
  check('layout', 'prettier', '--check', '.'),
  check(
    'imports',
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    'src',
    'test',
    'bench',
    'examples',
  ),
  check('unused', 'knip'),
  check('compose-file', 'docker', 'compose', '-f', 'docker-compose.dev.yml', 'config', '-q'),
  ...(existsSync(new URL('../generate.ts', import.meta.url))
    ? [check('generated', 'node', 'scripts/generate.ts', '--check')]
    : []),
  tests('unit'),
  tests('workflows'),
  tests('replay'),
  tests('contract', { needsStack: true }),
  tests('integration', { needsStack: true }),
  tests('cluster', { needsStack: true, needsCluster: true }),
  tests('faults', { needsStack: true }),
  tests('cluster-faults', { needsStack: true, needsCluster: true }),
  tests('registry-outages', { needsStack: true, needsCluster: true }),
];

/**
 * The suites of these names, in the table's order; all of them when no name is given.
 *
 * @throws Error naming the suites there are when a name is unknown.
 */
export function selectSuites(names: readonly string[]): readonly Suite[] {
  const known = suites.map((suite) => suite.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`no suite is called ${unknown.join(', ')}; there are ${known.join(', ')}`);
  }
  return names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name));
}

function check(name: string, program: string, ...args: string[]): Check {
  return { kind: 'check', name, program, args };
}

function tests(
  name: string,
  needs: Partial<Pick<Tests, 'needsStack' | 'needsCluster'>> = {},
): Tests {
  return { kind: 'tests', name, needsStack: false, needsCluster: false, ...needs };
}
