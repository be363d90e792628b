/**
 * Why an image can't be pulled, and whose fault that is. Pure.
 */
import type { Trouble } from './trouble.ts';

/** What registries and the node's runtime say when an image is not theirs to give, whoever asks again. */
const DENIED =
  /unauthorized|denied|forbidden|authentication required|authorization failed|no basic auth|\b40[13]\b/i;
const PASSING =
  /\b5\d\d\b|\b429\b|too many requests|timeout|timed out|deadline exceeded|connection (?:refused|reset)|no such host|EOF|no route to host|tls handshake|temporary failure|unavailable|i\/o/i;
const NOT_FOUND =
  /not found|manifest unknown|name unknown|does not exist|\b404\b|not present with pull policy/i;

/** `message` is what the node says of it. */
export function imageTrouble(pod: string, image: string, message: string): Trouble {
  const text = (what: string) => `${pod}: the image ${image} ${what}: ${message}`;
  // A passing trouble may quote "not found" of a mirror; a denial is sometimes said for what is not there.
  if (PASSING.test(message) && !/manifest unknown|: not found/i.test(message))
    return environment(text('can’t be pulled now'));
  if (DENIED.test(message))
    return {
      fault: 'request',
      code: 'image-denied',
      text: text('is denied'),
      tolerance: 'at-once',
    };
  if (NOT_FOUND.test(message))
    return {
      fault: 'release',
      code: 'image-not-found',
      text: text('is not in the registry'),
      tolerance: 'at-once',
    };
  return environment(text('can’t be pulled'));
}

function environment(text: string): Trouble {
  return { fault: 'environment', code: 'image-pull', text, tolerance: 'grace' };
}
