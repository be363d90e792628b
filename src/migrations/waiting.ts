/**
 * What every way of migrating is given to wait with.
 */
import { BelayError } from '../domain/errors.ts';

/** Why waiting is in vain (the component's container exited), or undefined while it isn't. */
export type Trouble = () => Promise<string | undefined>;

/** Asks, and takes an engine that can't answer just now for "no trouble known". */
export async function troubleNow(trouble: Trouble): Promise<string | undefined> {
  try {
    return await trouble();
  } catch (error) {
    if (error instanceof BelayError && error.fault === 'environment') return undefined;
    throw error;
  }
}
