/**
 * Workloads whose own settings hold a rollout until somebody does something. Pure.
 */
import type { Hazard } from '../domain/target.ts';
import { showRef, type Workload } from './workloads.ts';

/** Hazards `held:…` (paused or partitioned) and `strategy:…` (OnDelete) of one workload. */
export function holdHazards({ ref, paused, strategy }: Workload): Hazard[] {
  const shown = showRef(ref);
  return [
    ...(paused
      ? [
          {
            name: `held:${shown}`,
            message: `${shown} is paused (or partitioned): its rollout would not go on`,
            remedy:
              'Let it go on first: kubectl rollout resume, or no partition; where its chart says so, say otherwise in the values',
          },
        ]
      : []),
    ...(strategy === 'OnDelete'
      ? [
          {
            name: `strategy:${shown}`,
            message: `${shown} replaces its pods only when somebody deletes them (OnDelete), so its rollout would wait for that`,
            remedy: 'Set its update strategy to RollingUpdate, or delete the pods during the swap',
          },
        ]
      : []),
  ];
}
