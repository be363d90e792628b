type Fields = Readonly<Record<string, string | number | boolean | readonly number[]>>;

/** Writes one JSON line to standard output. Fields must never carry a secret. */
export function log(level: 'info' | 'error', message: string, fields: Fields = {}): void {
  const line = { time: new Date().toISOString(), level, message, ...fields };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The message of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
