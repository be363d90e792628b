/**
 * Why a pod's volumes or network can't be set up, and whose fault that is. Pure.
 */
import type { Trouble } from './trouble.ts';

/** A volume of what is not there, or of a key that it lacks. */
const LACKING =
  /(?:secret|configmap) "[^"]*" not found|references non-existent (?:secret|config) key|object "[^"]*"\/"[^"]*" not registered/i;

/** `message` is the kubelet's event. */
export function mountTrouble(pod: string, message: string): Trouble {
  const text = `${pod} can’t be set up: ${message}`;
  return LACKING.test(message)
    ? { fault: 'release', code: 'container-config', text, tolerance: 'at-once' }
    : { fault: 'environment', code: 'pod-setup', text, tolerance: 'grace' };
}
