/**
 * Docker's own settings, where logins lie.
 */
import { join } from 'node:path';

/** The variables that a lookup needs; usually `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Docker's own settings folder. */
export function dockerConfigFolder(env: Environment): string {
  return env.DOCKER_CONFIG || join(env.HOME || '/', '.docker');
}
