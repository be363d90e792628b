/**
 * Lines of the history file, in the format that operators of the documented upgrade scripts know:
 *
 *     20260326T100000 1.2.2 -> 1.3.0 SUCCESS log:/var/log/atlas/upgrade-20260326T100000.log
 *     20260326T120000 ROLLBACK 1.3.0 -> 1.2.2 log:/var/log/atlas/rollback-20260326T120000.log
 *
 * belay writes two more in the same manner: `A -> B ROLLEDBACK` (an upgrade that was taken back) and
 * `A -> B KEPT` (accepted by an operator without proof).
 */

/** One line of the history. */
export interface HistoryLine {
  /** `YYYYMMDDTHHMMSS`, UTC. */
  readonly stamp: string;
  readonly kind: 'success' | 'rollback' | 'rolled-back' | 'kept';
  readonly from: string;
  readonly to: string;
  /** Absolute path of the operation's log. */
  readonly log: string;
}

const WORD: Record<Exclude<HistoryLine['kind'], 'rollback'>, string> = {
  success: 'SUCCESS',
  'rolled-back': 'ROLLEDBACK',
  kept: 'KEPT',
};

/** `2026-03-26T10:00:00.000Z` → `20260326T100000`. */
export function stampOf(iso: string): string {
  return iso.slice(0, 19).replaceAll(/[-:]/g, '');
}

/** Renders a line without its newline. */
export function renderHistoryLine(line: HistoryLine): string {
  const versions = `${line.from} -> ${line.to}`;
  return line.kind === 'rollback'
    ? `${line.stamp} ROLLBACK ${versions} log:${line.log}`
    : `${line.stamp} ${versions} ${WORD[line.kind]} log:${line.log}`;
}

const LINE =
  /^(\d{8}T\d{6}) (ROLLBACK )?(\S+) -> (\S+)(?: (SUCCESS|ROLLEDBACK|KEPT|FAILED\S*))?(?: log:(.*))?$/;

/** Parses one line; undefined for lines of another form, which are kept but not understood. */
export function parseHistoryLine(text: string): HistoryLine | undefined {
  const match = LINE.exec(text.trim());
  if (!match) return undefined;
  const [, stamp = '', rollback, from = '', to = '', word, log = ''] = match;
  const kinds: Record<string, HistoryLine['kind']> = { SUCCESS: 'success', KEPT: 'kept' };
  const kind = rollback ? 'rollback' : (kinds[word ?? ''] ?? 'rolled-back');
  return { stamp, kind, from, to, log };
}

/**
 * The version served before the current one, by the history alone: the `from` of the newest line that
 * led to `current`. Never toggles forward: a rollback's own line does not count as a way back.
 */
export function previousByHistory(
  lines: readonly HistoryLine[],
  current: string,
): string | undefined {
  const led = lines.findLast(
    (line) => line.to === current && (line.kind === 'success' || line.kind === 'kept'),
  );
  return led?.from;
}
