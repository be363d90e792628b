/**
 * The unified diff of one object, kept short: a plan is stored, sent and read.
 */
import { createHash } from 'node:crypto';
import { createTwoFilesPatch } from 'diff';

/** What a definition of thousands of lines changes is said in a few (characters). */
const MAX_PATCH = 12_000;
/** Looking for the shortest diff of two long texts that share little takes minutes (changed lines). */
const MAX_EDITS = 1_000;

/** From one text to another; an empty one is no object. What is cut is named by its sum, so that a plan's digest hangs on it. */
export function diffObject(name: string, before: string, after: string): string {
  const text =
    before === '' || after === '' ? wholly(name, before, after) : patch(name, before, after);
  if (text.length <= MAX_PATCH) return text;
  const shown = text.slice(0, text.lastIndexOf('\n', MAX_PATCH));
  const rest = text.slice(shown.length + 1);
  return `${shown}\n… ${linesOf(rest).length} more lines (sha256 ${sum(rest)})\n`;
}

function patch(name: string, before: string, after: string): string {
  const options = { context: 2, maxEditLength: MAX_EDITS };
  const text = createTwoFilesPatch(name, name, before, after, undefined, undefined, options);
  // The library's first line is a ruler.
  return text === undefined ? wholly(name, before, after) : text.slice(text.indexOf('---'));
}

/** All of one text by all of the other. */
function wholly(name: string, before: string, after: string): string {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const range = (lines: readonly string[]) => `${lines.length === 0 ? 0 : 1},${lines.length}`;
  return [
    `--- ${name}`,
    `+++ ${name}`,
    `@@ -${range(old)} +${range(fresh)} @@`,
    ...old.map((line) => `-${line}`),
    ...fresh.map((line) => `+${line}`),
    '',
  ].join('\n');
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function sum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
