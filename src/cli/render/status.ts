/**
 * The answer of `belay status`.
 */
import type { ListedRun } from '../../client/list.ts';
import type { View } from '../../client/view.ts';
import { formatBytes } from '../../domain/quantities.ts';
import { reasonLines } from '../output.ts';
import type { Style } from '../output.ts';
import { outcomeLines } from './outcome.ts';
import { progressBlock } from './progress.ts';

/** One operation in full. */
export function statusLines(view: View, nowMs: number, style: Style): string[] {
  const { status } = view;
  const lines = progressBlock(view, nowMs, style);
  if (!status) return lines;
  if (status.outcome) return [...lines, ...outcomeLines(status.outcome, style)];
  return [
    ...lines,
    ...endedFromOutside(view, style),
    ...reasonLines(status.reasons, style),
    ...(status.judgement?.reasons ?? []).map((reason) => style('dim', `  health: ${reason}`)),
    ...(status.backup
      ? [style('dim', `  backup: ${status.backup.file} (${formatBytes(status.backup.bytes)})`)]
      : []),
    ...status.evidence.map(({ path }) => style('dim', `  evidence: ${path}`)),
    ...(status.plan ? [style('dim', `  plan: ${status.plan.digest}`)] : []),
    ...(view.open && status.accepts.length > 0 ? [`  takes: ${status.accepts.join(', ')}`] : []),
  ];
}

/** A run that was terminated (or reset away) has no outcome, and what it was doing stays half-done. */
function endedFromOutside({ open, state, deployment, status }: View, style: Style): string[] {
  if (open) return [];
  return [
    style(
      'bad',
      `✗ ended from outside (${state.toLowerCase()}) in ${status?.phase ?? 'the middle'}`,
    ),
    `  → belay rollback ${deployment} takes back what it left, and proves the old version`,
  ];
}

/** Every deployment: open operations first, then those at rest. */
export function tableLines(
  open: readonly ListedRun[],
  files: readonly { readonly name: string }[],
  style: Style,
): string[] {
  const busy = new Set(open.map(({ deployment }) => deployment));
  const idle = files.filter(({ name }) => !busy.has(name));
  if (open.length === 0 && idle.length === 0) {
    return ['no deployments here: write deployments/NAME.yaml (belay schema deployment)'];
  }
  const width = Math.max(...[...busy, ...idle.map(({ name }) => name)].map((name) => name.length));
  return [
    ...open.map((run) => {
      const versions = [run.from, run.to].filter(Boolean).join(' → ');
      const mark = run.phase === 'parked' ? style('bad', '‖') : style('strong', '▸');
      return `${mark} ${run.deployment.padEnd(width)}  ${run.operation} ${versions}  ${run.phase ?? 'starting'}`;
    }),
    ...idle.map(
      ({ name }) => `${style('dim', '·')} ${name.padEnd(width)}  ${style('dim', 'nothing open')}`,
    ),
  ];
}
