/**
 * A block of lines that a terminal redraws in place.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Output } from './output.ts';

/** Redraws a block, and leaves its last state standing. */
export class LiveBlock {
  private shown = 0;
  private last = '';
  private readonly output: Output;

  constructor(output: Output) {
    this.output = output;
  }

  /** Replaces the block; lines are cut to the terminal's width, or the cursor would lose count. */
  draw(lines: readonly string[]): void {
    const width = this.output.columns();
    const text = lines.map((line) => `${cut(line, width)}\n`).join('');
    if (text === this.last) return;
    const up = this.shown > 0 ? `\u001b[${this.shown}A\u001b[0J` : '';
    this.output.write(up + text);
    this.shown = lines.length;
    this.last = text;
  }

  /** The next block begins below this one. */
  keep(): void {
    this.shown = 0;
    this.last = '';
  }
}

/** A line of at most `width` columns; a cut one loses its looks. */
export function cut(line: string, width: number): string {
  const bare = stripVTControlCharacters(line);
  const characters = Array.from(bare);
  return characters.length < width
    ? line
    : `${characters.slice(0, Math.max(1, width - 2)).join('')}…`;
}
