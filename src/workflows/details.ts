/**
 * The status as Markdown, for the Temporal UI's current details. Pure.
 */
import type { Status } from '../domain/operation.ts';

/** The UI shows at most some 20 kB; the newest lines of the story are what matters. */
const SHOWN_TIMELINE = 25;

/** Renders what an operator wants to see first: what happens, what is safe, what to do next. */
export function renderDetails(status: Status): string {
  const lines = [
    `**${status.operation} of ${status.deployment}**: ${versions(status)}`,
    '',
    `| | |`,
    `| --- | --- |`,
    `| phase | **${status.phase}** since ${status.phaseSince} |`,
    ...(status.held ? ['| held | yes: send `resume` to go on |'] : []),
    ...(status.waiting
      ? [`| waiting for | ${cell(status.waiting.on)} since ${status.waiting.since} |`]
      : []),
    ...(status.waiting ? [`| what to do | ${cell(status.waiting.remedy)} |`] : []),
    ...(status.plan ? [`| plan | \`${status.plan.digest}\` |`] : []),
    ...(status.judgement ? [`| judgement | ${cell(judgementText(status))} |`] : []),
    ...(status.backup ? [`| backup | \`${status.backup.file}\` |`] : []),
    ...(status.accepts.length > 0 ? [`| takes | ${status.accepts.join(', ')} |`] : []),
  ];
  if (status.reasons.length > 0) {
    lines.push(
      '',
      '**Reasons**',
      ...status.reasons.map(({ message, remedy }) => `- ${message} — ${remedy}`),
    );
  }
  if (status.evidence.length > 0) {
    lines.push('', '**Evidence**', ...status.evidence.map(({ path }) => `- \`${path}\``));
  }
  const story = status.timeline.slice(-SHOWN_TIMELINE);
  lines.push('', '**Story**', ...story.map(({ at, phase, text }) => `- ${at} ${phase}: ${text}`));
  return lines.join('\n');
}

function versions(status: Status): string {
  return `${status.from ?? '?'} → ${status.to ?? '?'}`;
}

function judgementText({ judgement }: Status): string {
  if (!judgement) return '';
  const { verdict, reasons, samples } = judgement;
  return `${verdict} after ${samples} samples${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`;
}

/** A table cell can't hold a bar or a line break. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
