/**
 * Secrets that were resolved in this process, so that no string which leaves it can carry one.
 */

const known = new Set<string>();

/** Shorter values would mask ordinary text. */
const MIN_LENGTH = 4;

/** Remembers a resolved secret, and the password inside it when it is a URL. */
export function rememberSecret(value: string): string {
  if (value.length >= MIN_LENGTH) known.add(value);
  const password = passwordOf(value);
  if (password && password.length >= MIN_LENGTH) {
    known.add(password);
    known.add(decoded(password));
  }
  return value;
}

/** Replaces every remembered secret, and the password of any URL, by `***`. */
export function redact(text: string): string {
  let result = text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi, '$1:***@');
  for (const secret of [...known].sort((a, b) => b.length - a.length)) {
    result = result.replaceAll(secret, '***');
  }
  return result;
}

/** A password that is no valid percent-encoding is what it says. */
function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

function passwordOf(value: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s@]+)@/i.exec(value)?.[1];
}
