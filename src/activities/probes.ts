/** Collects the reasons of many probes, so that all are told at once. */
import { BelayError, type Refusal } from '../domain/errors.ts';

/**
 * Failures of the environment that no waiting mends: before anything has changed, they are told at once. (In an act the
 * engine may be restarting, and they are waited out.)
 */
const NOT_WAITED_FOR: readonly string[] = ['engine-missing', 'engine-permission'];

/** Asks, and keeps what refuses; the environment's other failures pass, to be tried again. */
export class Probes {
  readonly refusals: Refusal[] = [];

  async ask<T>(probe: () => Promise<T>): Promise<T | undefined> {
    try {
      return await probe();
    } catch (error) {
      if (!(error instanceof BelayError)) throw error;
      if (error.fault === 'environment' && !NOT_WAITED_FOR.includes(error.code)) throw error;
      this.refuse(error.refusals);
      return undefined;
    }
  }

  /** Keeps reasons; several probes may find the same one. */
  refuse(refusals: readonly Refusal[]): void {
    const isNew = ({ message }: Refusal) =>
      !this.refusals.some((known) => known.message === message);
    this.refusals.push(...refusals.filter(isNew));
  }
}
