/**
 * A file that says that workers poll, for whoever looks from outside: a cluster's probes, a monitor. It is there while
 * they poll, and its date is never older than a few seconds while this process is able to do anything.
 */
import { rm, utimes, writeFile } from 'node:fs/promises';

const TOUCH_MS = 5_000;

/** The file at one path. */
export interface HealthFile {
  /** Workers poll: writes it, and keeps its date new. */
  good(): Promise<void>;
  /** They don't: removes it. */
  gone(): Promise<void>;
}

/** `$BELAY_HEALTH_FILE`; without it, nothing is written. */
export function healthFile(env: NodeJS.ProcessEnv = process.env, touchMs = TOUCH_MS): HealthFile {
  const path = env['BELAY_HEALTH_FILE'];
  if (!path) return { good: () => Promise.resolve(), gone: () => Promise.resolve() };
  let timer: NodeJS.Timeout | undefined;
  return {
    good: async () => {
      clearInterval(timer);
      await writeFile(path, `${process.pid}\n`, { mode: 0o644 });
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
