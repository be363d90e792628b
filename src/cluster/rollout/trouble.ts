/**
 * What keeps a rollout from getting on.
 */
import type { Fault } from '../../domain/errors.ts';

/** One trouble, with whose fault it is. */
export interface Trouble {
  readonly fault: Extract<Fault, 'release' | 'environment' | 'request'>;
  readonly code: string;
  /** What is seen, with the name of the pod or workload. */
  readonly text: string;
  /** `at-once`: no waiting mends it. `grace`: it may pass by itself. */
  readonly tolerance: 'at-once' | 'grace';
  /** The container that ended, whose last words say more. */
  readonly ended?: { readonly pod: string; readonly container: string };
}
