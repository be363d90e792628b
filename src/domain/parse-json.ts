/** The value that a text is as JSON; undefined when it is none: the schema that it is checked with says so then. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
