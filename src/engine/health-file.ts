/**
 * A file that says that workers poll, for whoever looks from outside: a cluster's probes, a monitor. It is there while
 * they poll, and its date is never older than a few seconds while this process is able to do anything.
 */
import { rm, utimes, writeFile } from 'node:fs/promises';
import { failure } from '../domain/errors.ts';

const TOUCH_MS = 5_000;
const nothing = () => Promise.resolve();

/** The file at one path. */
export interface HealthFile {
  /**
   * Before anything polls: removes what an earlier process left, for it would call these workers ready.
   *
   * @throws BelayError `health-file` (request) when the file could not be written.
   */
  prepare(): Promise<void>;
  /** Workers poll: writes it, and keeps its date new. */
  good(): Promise<void>;
  /** They don't: removes it. */
  gone(): Promise<void>;
}

/** `$BELAY_HEALTH_FILE`; without it, nothing is written. */
export function healthFile(env: NodeJS.ProcessEnv = process.env, touchMs = TOUCH_MS): HealthFile {
  const path = env['BELAY_HEALTH_FILE'];
  if (!path) return { prepare: nothing, good: nothing, gone: nothing };
  let timer: NodeJS.Timeout | undefined;
  const write = () => writeFile(path, `${process.pid}\n`, { mode: 0o644 });
  return {
    prepare: async () => {
      await write().catch((error: unknown) => {
        throw failure(
          'request',
          'health-file',
          `${path} can't be written: ${error instanceof Error ? error.message : String(error)}`,
          'Correct BELAY_HEALTH_FILE, or its folder',
          error,
        );
      });
      await rm(path, { force: true });
    },
    good: async () => {
      clearInterval(timer);
      // Workers that poll are not ended because a disk is full: whoever looks sees no file.
      await write().catch(() => undefined);
      timer = setInterval(() => {
        const now = new Date();
        // A full disk or a removed folder: the old date says what there is to say.
        utimes(path, now, now).catch(() => undefined);
      }, touchMs);
      timer.unref();
    },
    gone: async () => {
      clearInterval(timer);
      await rm(path, { force: true });
    },
  };
}
