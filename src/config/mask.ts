/**
 * Passwords in URLs, masked before any text from a file is shown.
 */

/** Replaces the password of every URL in `text` by `***`. */
export function maskPassword(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/]*@/gi, '$1:***@');
}
