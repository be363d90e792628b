/**
 * `pg_dump` and `pg_restore` of the server's major version, wherever they are.
 */
import { failure, type BelayError } from '../domain/errors.ts';
import type { ActContext, Output, RunOptions } from '../domain/act.ts';
import type { Inside } from '../process/inside.ts';

/** The tools, found and fit for the server. */
export interface Tools {
  /** `pg_dump 18.6 in component db`, for messages and the manifest. */
  readonly description: string;
  /** The tools' own major version. */
  readonly major: number;
  /** Runs one of them. */
  run(
    program: 'pg_dump' | 'pg_restore',
    args: readonly string[],
    options: RunOptions,
    context: ActContext,
  ): Promise<Output>;
}

const VERSION_TIMEOUT_MS = 10_000;

/** `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → `15.18`; undefined when it is something else. */
export function toolVersion(text: string): string | undefined {
  return /^pg_dump \(PostgreSQL\) (\d+(?:\.\d+|devel|beta\d+|rc\d+)?)/m.exec(text)?.[1];
}

/** The tools inside the database's own container.
 *
 * @throws BelayError `request`, `backup-tool-missing` or `backup-tool-too-old`.
 */
export async function findInsideTools(
  inside: Inside,
  component: string,
  serverMajor: number,
  signal: AbortSignal,
): Promise<Tools> {
  const output = await inside(
    ['pg_dump', '--version'],
    { env: { LC_ALL: 'C' }, timeoutMs: VERSION_TIMEOUT_MS },
    { signal, progress: () => undefined },
  );
  const version = output.exitCode === 0 ? toolVersion(output.stdout) : undefined;
  if (version === undefined) {
    const said = (output.stderr || output.stdout).trim();
    throw failure(
      'request',
      'backup-tool-missing',
      `component ${component} has no pg_dump to run (exit code ${output.exitCode}): ${said}`,
      'name the component that runs Postgres in backup.postgres.component, or leave it out to use the tools of the site',
    );
  }
  const description = `pg_dump ${version} in component ${component}`;
  const major = Number.parseInt(version, 10);
  if (major < serverMajor) throw tooOld(description, serverMajor);
  return {
    description,
    major,
    run: (program, args, options, context) => inside([program, ...args], options, context),
  };
}

/** An older pg_dump than the server may miss what it doesn't know, and refuses by itself. */
export function tooOld(found: string, serverMajor: number): BelayError {
  return failure(
    'request',
    'backup-tool-too-old',
    `the server is Postgres ${serverMajor}, and ${found} is older: it can't dump it`,
    `install the client programs of Postgres ${serverMajor} at the site (Debian: postgresql-client-${serverMajor}), or set backup.postgres.component to use those of the server itself`,
  );
}
