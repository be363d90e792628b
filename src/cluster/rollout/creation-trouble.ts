/**
 * Why a controller may not make its pods, and whose fault that is. Pure.
 */
import type { Trouble } from './trouble.ts';

/** Room is the namespace's to give, and a webhook that doesn't answer is nobody's no. */
const PASSING =
  /exceeded quota|failed calling webhook|timeout|timed out|deadline exceeded|connection refused|unavailable|server is currently unable|EOF/i;
/** What an admission says whenever it is asked. */
const FINAL =
  /must specify|violates PodSecurity|denied the request|is invalid:|unable to validate against any security context constraint|(?:maximum|minimum) .{1,40} usage per/i;

/** `said` is the controller's message. */
export function creationTrouble(workload: string, said: string): Trouble {
  const trouble = { code: 'pods-refused', text: `${workload} may not make its pods: ${said}` };
  if (PASSING.test(said)) return { ...trouble, fault: 'environment', tolerance: 'grace' };
  // What else is missing, a ServiceAccount for one, may be made a moment later.
  return { ...trouble, fault: 'release', tolerance: FINAL.test(said) ? 'at-once' : 'grace' };
}
