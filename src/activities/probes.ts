/** Collects the reasons of many probes, so that all are told at once. */
import { BelayError, type Refusal } from '../domain/errors.ts';

/** Asks, and keeps what refuses; the environment's failures pass, to be tried again. */
export class Probes {
  readonly refusals: Refusal[] = [];

  async ask<T>(probe: () => Promise<T>): Promise<T | undefined> {
    try {
      return await probe();
    } catch (error) {
      if (!(error instanceof BelayError) || error.fault === 'environment') throw error;
      this.refusals.push(...error.refusals);
      return undefined;
    }
  }
}
