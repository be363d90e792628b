/**
 * `.env` files as Compose reads them, with the place of every value, so that one can be replaced alone.
 */

/** One assignment. */
export interface EnvEntry {
  readonly name: string;
  /** The text between the quotes, or the bare value. */
  readonly value: string;
  /** Offsets of `value` in the file's text. */
  readonly start: number;
  readonly end: number;
  /** 1-based. */
  readonly line: number;
  /** Why `value` is not what Compose would use (escapes, substitutions); undefined: it is. */
  readonly notSimple?: string;
}

/** What a file holds; `broken` when it can't be read to its end. */
export interface EnvFile {
  readonly entries: readonly EnvEntry[];
  readonly broken?: { readonly line: number; readonly why: string };
}

const ASSIGNMENT = /(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*([=:])?[ \t]*/y;

/** Parses `.env` text. Never throws: what it does not understand is said in `broken` and `notSimple`. */
export function parseEnvFile(text: string): EnvFile {
  const entries: EnvEntry[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    at = skipBlank(text, at);
    if (at >= text.length) break;
    ASSIGNMENT.lastIndex = at;
    const match = ASSIGNMENT.exec(text);
    const line = lineAt(text, at);
    if (!match) return { entries, broken: { line, why: 'is not NAME=value' } };
    const [whole, name = '', sign] = match;
    at += whole.length;
    if (sign === undefined) {
      // A bare name takes its value from the shell, which belay never passes on.
      if (restOfLine(text, at).trim() !== '')
        return { entries, broken: { line, why: 'is not NAME=value' } };
      at = endOfLine(text, at);
      continue;
    }
    const read = readValue(text, at);
    if (read === undefined) return { entries, broken: { line, why: 'has a quote without end' } };
    entries.push({ name, line, ...read.entry });
    at = read.next;
  }
  return { entries };
}

/** The last assignment of `name`, which is the one that counts. */
export function lastEntry(file: EnvFile, name: string): EnvEntry | undefined {
  return file.entries.findLast((entry) => entry.name === name);
}

type Value = Pick<EnvEntry, 'value' | 'start' | 'end' | 'notSimple'>;

function readValue(text: string, at: number): { entry: Value; next: number } | undefined {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") {
    const raw = restOfLine(text, at);
    // Only a space begins a comment for Compose, and never at the value's start.
    const value = raw.slice(0, / #/.exec(raw)?.index ?? raw.length).trimEnd();
    const odd = value.startsWith('#') || value.includes('\t#');
    const found = odd ? { notSimple: 'has a # that may begin a comment' } : flaw(value, /[$\\]/);
    return {
      entry: { value, start: at, end: at + value.length, ...found },
      next: endOfLine(text, at),
    };
  }
  const close = closingQuote(text, at + 1, quote);
  if (close === undefined) return undefined;
  const value = text.slice(at + 1, close);
  const rest = restOfLine(text, close + 1);
  const place = { value, start: at + 1, end: close };
  const trailing = /^[ \t]*(?:#.*)?$/.test(rest) ? undefined : 'has text behind its closing quote';
  const notSimple = trailing ?? flaw(value, quote === '"' ? /[$\\\n]/ : /[\\\n]/).notSimple;
  return {
    entry: { ...place, ...(notSimple === undefined ? {} : { notSimple }) },
    next: endOfLine(text, close + 1),
  };
}

function flaw(value: string, forbidden: RegExp): { notSimple?: string } {
  const found = forbidden.exec(value)?.[0];
  if (found === undefined) return {};
  if (found === '\n') return { notSimple: 'spans several lines' };
  return { notSimple: found === '$' ? 'is made of other variables' : 'has escapes' };
}

function closingQuote(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at;
  }
  return undefined;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '#') at = endOfLine(text, at);
    else if (/\s/.test(char)) at += 1;
    else break;
  }
  return at;
}

function restOfLine(text: string, at: number): string {
  return text.slice(at, endOfLine(text, at));
}

/** Offset of the line break (of its `\r`, if there is one), or the end of the text. */
function endOfLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  if (newline < 0) return text.length;
  return newline > at && text[newline - 1] === '\r' ? newline - 1 : newline;
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
