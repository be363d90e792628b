/**
 * A plan for people, as plain lines.
 */
import type { Plan } from '../domain/plan.ts';
import { formatBytes, formatDuration } from '../domain/quantities.ts';
import type { Change } from '../domain/target.ts';

/** Everything that an approver should read before saying yes: steps and undo, edits, sizes, downtime, digest. */
export function renderPlan(plan: Plan): string[] {
  const { deployment, operation, fromVersion, toVersion, digest } = plan;
  return [
    `${operation} of ${deployment}: ${fromVersion} → ${toVersion}`,
    `plan ${digest}`,
    ...section('Steps', plan.steps.flatMap(renderStep)),
    ...section('Changes', plan.changes.flatMap(renderChange)),
    ...section('Images', renderImages(plan)),
    ...section('Migrations', [renderMigrations(plan)]),
    ...section(
      'Notes',
      plan.notes.map((text) => `- ${text}`),
    ),
    ...section('Expected', renderEstimates(plan)),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`.trimEnd())];
}

const PHASE_WIDTH = 8;

function renderStep({ phase, does, undo }: Plan['steps'][number], at: number): string[] {
  const number = `${at + 1}. `;
  const indent = ' '.repeat(number.length + PHASE_WIDTH);
  return [`${number}${phase.padEnd(PHASE_WIDTH)}${does}`, `${indent}undo: ${undo}`];
}

function renderChange(change: Change): string[] {
  if (change.kind === 'command') return [`$ ${change.argv.join(' ')}`, `  ${change.effect}`];
  return [
    change.file,
    ...change.diff
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

function renderImages({ fromPins, toPins, source }: Plan): string[] {
  const origin = source.from === 'registry' ? 'the registry' : source.path;
  return Object.entries(toPins).flatMap(([component, { reference, imageId, digest }]) => [
    `${component}: ${reference} from ${origin}`,
    `  image ${imageId}${digest === undefined ? '' : `, digest ${digest}`}`,
    `  now   ${fromPins[component]?.imageId ?? 'unknown'} (${fromPins[component]?.reference ?? 'unknown'})`,
  ]);
}

function renderMigrations({ migrations: { pending, kind, note } }: Plan): string {
  const which =
    pending === undefined ? 'not listed' : pending.length === 0 ? 'none' : pending.join(', ');
  return `${which} (${kind}): ${note}`;
}

function renderEstimates({ estimates, backup }: Plan): string[] {
  const { transferBytes, backupBytes, downtimeMs } = estimates;
  const size = backupBytes === undefined ? '' : `, up to ${formatBytes(backupBytes)}`;
  return [
    `transfer ${transferBytes === 0 ? 'nothing, the images are here' : formatBytes(transferBytes)}`,
    `backup ${backup.take ? `yes${size}` : `none: ${backup.why}`}`,
    `out of service for about ${formatDuration(downtimeMs)}, plus the application's own start`,
  ];
}
