/**
 * An operation's progress as lines of text: pure, from one look.
 */
import type { Phase, Status, TimelineEntry } from '../../domain/operation.ts';
import { formatBytes, formatDuration } from '../../domain/quantities.ts';
import type { Progress } from '../../domain/target.ts';
import type { PendingActivity, View } from '../../client/view.ts';
import type { Style } from '../output.ts';

/** Phases that are shown as one. */
const SHOWN_AS: Readonly<Partial<Record<Phase, string>>> = {
  loading: 'check',
  observing: 'check',
  planning: 'check',
  claiming: 'claim',
};

const FORWARD = [
  'check',
  'window',
  'approval',
  'claim',
  'backup',
  'fetch',
  'swap',
  'migrate',
  'judge',
  'soak',
  'settle',
] as const;
const BACK = ['evidence', 'unwind', 'judge-old'] as const;
/** Shown only when they were entered. */
const OCCASIONAL: readonly string[] = ['window', 'approval', 'soak', ...BACK];
/** Phases that only an upgrade goes through. */
const UPGRADE_ONLY: readonly string[] = ['backup', 'migrate'];

/** One phase as it is shown. */
interface Step {
  readonly name: string;
  readonly mark: 'done' | 'now' | 'failed' | 'ahead' | 'skipped';
  readonly tookMs?: number;
  readonly text?: string;
}

/** The block that a terminal redraws, and `belay status NAME` prints. */
export function progressBlock(view: View, nowMs: number, style: Style): string[] {
  const { status } = view;
  const lines = [headline(view, nowMs, style)];
  if (!status) {
    const since = view.closedAt ? `closed ${view.closedAt}` : `started ${view.startedAt}`;
    lines.push(`  ${view.state.toLowerCase()}, ${since}`);
  } else {
    const steps = stepsOf(status, nowMs);
    lines.push(...steps.map((step) => stepLine(step, style)));
  }
  if (view.open) lines.push(...waitingLines(view, nowMs, style));
  return lines;
}

/** `upgrade acme 1.2.2 → 1.3.0 · 12s`. */
export function headline(view: View, nowMs: number, style: Style): string {
  const { status } = view;
  const versions = [status?.from, status?.to].filter(Boolean).join(' → ');
  const endMs = view.closedAt ? Date.parse(view.closedAt) : nowMs;
  const took = formatDuration(Math.max(0, endMs - Date.parse(view.startedAt)));
  const title = [view.operation, view.deployment, versions].filter(Boolean).join(' ');
  return `${style('strong', title)} ${style('dim', `· ${took}${status?.by ? ` · by ${status.by}` : ''}`)}`;
}

function stepLine({ name, mark, tookMs, text }: Step, style: Style): string {
  const marks = {
    done: style('good', '✓'),
    now: style('strong', '▸'),
    failed: style('bad', '✗'),
    ahead: style('dim', '·'),
    skipped: style('dim', '–'),
  };
  const label = mark === 'ahead' || mark === 'skipped' ? style('dim', name) : name.padEnd(10);
  const took = tookMs === undefined ? '' : formatDuration(tookMs).padStart(7);
  return `  ${marks[mark]} ${label}${took}${text ? `  ${text}` : ''}`.trimEnd();
}

/** Phases in order, with what came of each. */
export function stepsOf({ timeline, phase, operation }: Status, nowMs: number): Step[] {
  const seen = new Map<string, { fromMs: number; toMs: number; text: string }>();
  timeline.forEach((entry, index) => {
    const name = shown(entry.phase);
    const fromMs = seen.get(name)?.fromMs ?? Date.parse(entry.at);
    const next = timeline[index + 1];
    seen.set(name, { fromMs, toMs: next ? Date.parse(next.at) : nowMs, text: entry.text });
  });
  const now = shown(phase);
  const failed = failedPhase(timeline);
  const wentBack = BACK.some((name) => seen.has(name));
  const names = [
    ...FORWARD.filter((name) => name !== 'settle'),
    ...(wentBack ? BACK : []),
    'settle',
  ];
  const lastSeen = names.findLastIndex((name) => seen.has(name));
  const steps = names.flatMap((name, index): Step[] => {
    const entry = seen.get(name);
    if (!entry) {
      if (OCCASIONAL.includes(name)) return [];
      if (operation === 'rollback' && UPGRADE_ONLY.includes(name)) return [];
      const never = index < lastSeen || phase === 'closed' || phase === 'parked';
      return [{ name, mark: never ? 'skipped' : 'ahead' }];
    }
    const mark = name === now ? 'now' : name === failed ? 'failed' : 'done';
    const text = mark === 'done' ? {} : { text: entry.text };
    return [{ name, mark, tookMs: entry.toMs - entry.fromMs, ...text }];
  });
  const last = timeline.at(-1);
  return phase === 'parked' && last
    ? [...steps, { name: 'parked', mark: 'failed', text: last.text }]
    : steps;
}

/** The phase from which the operation went back, parked or was refused. */
function failedPhase(timeline: readonly TimelineEntry[]): string | undefined {
  const turned = timeline.findIndex(({ phase }) =>
    ['evidence', 'unwind', 'parked'].includes(phase),
  );
  const before = turned > 0 ? timeline[turned - 1] : undefined;
  return before && shown(before.phase);
}

function shown(phase: Phase): string {
  return SHOWN_AS[phase] ?? phase;
}

/** What it is doing or waiting for, below the steps. */
export function waitingLines(view: View, nowMs: number, style: Style): string[] {
  const { status, pending, workerAway } = view;
  const lines: string[] = [];
  for (const activity of pending) {
    const text = activityText(activity, nowMs);
    if (text) lines.push(`    ${style('dim', text)}`);
  }
  if (workerAway)
    lines.push(
      `  ${style('warn', 'no worker answers: the operation goes on when one is back (belay up)')}`,
    );
  if (status?.held) lines.push(`  ${style('warn', 'held: goes on after `belay resume`')}`);
  if (status?.waiting) {
    const since = formatDuration(nowMs - Date.parse(status.waiting.since));
    lines.push(`  ${style('warn', `waiting for ${status.waiting.on} (${since})`)}`);
    lines.push(`  ${style('dim', `→ ${status.waiting.remedy}`)}`);
  }
  return lines;
}

/** One activity: progress, what it waits for, or why it is tried again. */
export function activityText(activity: PendingActivity, nowMs: number): string | undefined {
  const { heartbeat, attempt, lastFailure, running, nextAttemptAt } = activity;
  const parts = [
    heartbeat?.progress && progressText(heartbeat.progress),
    heartbeat?.waitingOn && `waiting for ${heartbeat.waitingOn}`,
    attempt > 1 &&
      `${activity.name}, attempt ${attempt}${lastFailure ? `: ${firstLine(lastFailure)}` : ''}`,
    attempt > 1 && !running && nextAttemptAt && Date.parse(nextAttemptAt) > nowMs
      ? `again in ${formatDuration(Date.parse(nextAttemptAt) - nowMs)}`
      : undefined,
  ];
  const text = parts.filter(Boolean).join(' · ');
  return text === '' ? undefined : text;
}

/** `pulling 45.1 MB of 104.0 MB · layer 3 of 5`. */
export function progressText({ step, doneBytes, totalBytes, detail }: Progress): string {
  const bytes =
    doneBytes === undefined
      ? ''
      : ` ${formatBytes(doneBytes)}${totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`}`;
  return `${step}${bytes}${detail ? ` · ${detail}` : ''}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
