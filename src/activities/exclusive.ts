/**
 * One act at a time per deployment in this process. After a heartbeat timeout or a Reset, an earlier attempt may still be
 * running here; it hears of its end with its next heartbeat, and the new attempt waits for that.
 */

const tails = new Map<string, Promise<unknown>>();

/** Runs `body` when the acts on `key` that came before have ended, whatever their result. */
export async function exclusively<T>(key: string, body: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const mine = before.then(body, body);
  const settled = mine.catch(() => undefined);
  tails.set(key, settled);
  try {
    return await mine;
  } finally {
    if (tails.get(key) === settled) tails.delete(key);
  }
}
