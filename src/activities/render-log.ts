/** The text of an operation's log file. Pure. */
import type { Outcome, TimelineEntry } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';

/** What the log tells. */
export interface OperationStory {
  readonly plan: Plan;
  readonly outcome: Outcome;
  readonly timeline: readonly TimelineEntry[];
}

/** What happened, when, and what it ended with: readable without belay. */
export function renderLog({ plan, outcome, timeline }: OperationStory): string {
  const { judgement, backup, evidence, reasons } = outcome;
  return [
    `${plan.operation} of ${plan.deployment}: ${plan.fromVersion} -> ${plan.toVersion}`,
    `plan ${plan.digest}`,
    `by ${outcome.by ?? 'unknown'}${outcome.reason ? `: ${outcome.reason}` : ''}`,
    '',
    ...timeline.map(({ at, phase, text }) => `${at} ${phase.padEnd(10)} ${text}`),
    '',
    `outcome: ${outcome.outcome}${outcome.proven ? '' : ' (not proven)'}`,
    ...(outcome.serving ? [`serving: ${outcome.serving}`] : []),
    ...(backup ? [`backup: ${backup.file} (${backup.bytes} bytes, sha256 ${backup.sha256})`] : []),
    ...(judgement ? [`judgement: ${judgement.verdict} after ${judgement.samples} samples`] : []),
    ...(judgement?.reasons ?? []).map((reason) => `  ${reason}`),
    ...reasons.map(({ code, message, remedy }) => `reason: ${code}: ${message}\n  ${remedy}`),
    ...evidence.map(({ path, sha256 }) => `evidence: ${path} (sha256 ${sha256})`),
    '',
  ].join('\n');
}
