import { expect, test } from 'vitest';
import { cut, LiveBlock } from './live.ts';
import { plain } from './output.ts';

function screen(columns = 20) {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  const nothing = () => undefined;
  const output = {
    json: false,
    live: true,
    style: plain,
    columns: () => columns,
    say: nothing,
    note: nothing,
    answer: nothing,
    write,
  };
  return { written, output };
}

test('a block replaces itself, by as many lines as it had', () => {
  const { written, output } = screen();
  const block = new LiveBlock(output);
  block.draw(['one', 'two']);
  block.draw(['one', 'two']);
  block.draw(['three']);
  block.keep();
  block.draw(['four']);
  expect(written).toEqual(['one\ntwo\n', '\u001b[2A\u001b[0Jthree\n', 'four\n']);
});

test('a line never wraps', () => {
  expect(cut('short', 20)).toBe('short');
  expect(cut('\u001b[1mshort\u001b[0m', 20)).toBe('\u001b[1mshort\u001b[0m');
  expect(cut('\u001b[1mmuch longer than that\u001b[0m', 10)).toBe('much lon…');
});
