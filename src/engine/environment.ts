/**
 * The environment as programs take it: texts only.
 */

/** Drops variables that are not set. */
export function textVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
