import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { failure } from '../domain/errors.ts';
import { run } from '../process/run.ts';
import { toolVersion, tooOld, type Tools } from './tools.ts';

/** The worker's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One pg_dump of the site. */
interface Candidate {
  /** Absolute path. */
  readonly program: string;
  readonly version: string;
  readonly major: number;
}

const VERSION_TIMEOUT_MS = 10_000;
const DEBIAN_FOLDER = '/usr/lib/postgresql';

/**
 * The site's own tools: of the folder `BELAY_PG_BIN` when it is set, else Debian's folders by version, then PATH. The
 * server's own major version is preferred; else the nearest newer one, which may dump an older server.
 *
 * @throws BelayError `request`, `backup-tool-missing` or `backup-tool-too-old`.
 */
export async function findLocalTools(
  environment: Environment,
  serverMajor: number,
  signal: AbortSignal,
): Promise<Tools> {
  const candidates: Candidate[] = [];
  for (const folder of await folders(environment)) {
    const candidate = await look(join(folder, 'pg_dump'), signal);
    if (candidate) candidates.push(candidate);
    if (candidate?.major === serverMajor) break;
  }
  const fit = choose(candidates, serverMajor);
  if (fit) return toolsOf(fit, environment);
  const newest = candidates.sort((a, b) => b.major - a.major)[0];
  if (newest) throw tooOld(`pg_dump ${newest.version} (${newest.program})`, serverMajor);
  throw failure(
    'request',
    'backup-tool-missing',
    `there is no pg_dump at the site (looked in ${environment['BELAY_PG_BIN'] ?? `${DEBIAN_FOLDER}/*/bin and PATH`})`,
    `install the client programs of Postgres ${serverMajor} (Debian: postgresql-client-${serverMajor}), or set backup.postgres.component to use those of the server itself`,
  );
}

/** The first of the server's major version, else the one of the lowest newer version. */
export function choose<T extends { readonly major: number }>(
  candidates: readonly T[],
  serverMajor: number,
): T | undefined {
  return candidates
    .filter(({ major }) => major >= serverMajor)
    .reduce<T | undefined>(
      (best, each) => (best === undefined || each.major < best.major ? each : best),
      undefined,
    );
}

async function folders(environment: Environment): Promise<string[]> {
  const own = environment['BELAY_PG_BIN'];
  if (own) return [own];
  const versions = await readdir(DEBIAN_FOLDER).catch((): string[] => []);
  const path = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const debian = versions.sort().map((version) => join(DEBIAN_FOLDER, version, 'bin'));
  return [...debian, ...path];
}

async function look(program: string, signal: AbortSignal): Promise<Candidate | undefined> {
  try {
    await access(program, constants.X_OK);
    const env = { LC_ALL: 'C', PATH: dirname(program) };
    const output = await run([program, '--version'], {
      env,
      timeoutMs: VERSION_TIMEOUT_MS,
      signal,
    });
    const version = output.exitCode === 0 ? toolVersion(output.stdout) : undefined;
    return version === undefined
      ? undefined
      : { program, version, major: Number.parseInt(version, 10) };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function toolsOf(candidate: Candidate, environment: Environment): Tools {
  const folder = dirname(candidate.program);
  const inherited = pick(environment, ['HOME', 'TMPDIR']);
  return {
    description: `pg_dump ${candidate.version} (${candidate.program})`,
    major: candidate.major,
    async run(program, args, options, { signal }) {
      const { env, ...rest } = options;
      const output = await run([join(folder, program), ...args], {
        ...rest,
        env: { PATH: folder, ...inherited, ...env },
        signal,
      });
      signal.throwIfAborted();
      return { ...output, exitCode: output.exitCode ?? -1 };
    },
  };
}

function pick(environment: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
