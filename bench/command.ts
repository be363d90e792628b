/** What the commands of the bench share. */

/** An option's whole number. @throws Error naming the option when it is none from 1 to 1000. */
export function readCount(option: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000) return count;
  throw new Error(`${option} ${text}: expected a whole number from 1 to 1000`);
}

/** Never answers; throws when the bench is told to end, so that it can take down what it brought up. */
export function interruption(): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.once('SIGINT', () => reject(new Error('interrupted')));
    process.once('SIGTERM', () => reject(new Error('ended by SIGTERM')));
  });
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Progress goes to standard error: the tables are all that standard output gets. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
