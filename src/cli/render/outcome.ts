/**
 * How an operation ended, for people.
 */
import type { Outcome } from '../../domain/operation.ts';
import { formatBytes, formatDuration } from '../../domain/quantities.ts';
import { reasonLines } from '../output.ts';
import type { Style } from '../output.ts';

/** The ending, its reasons, and where the proof lies. */
export function outcomeLines(outcome: Outcome, style: Style): string[] {
  return [
    verdict(outcome, style),
    ...reasonLines(outcome.reasons, style).map((line) => `  ${line}`),
    ...backupLines(outcome, style),
    ...evidenceLines(outcome, style),
    ...(outcome.outcome === 'parked' ? parkedLines(outcome.deployment, style) : []),
  ];
}

function verdict(outcome: Outcome, style: Style): string {
  const { deployment, operation, from, to, serving, proven } = outcome;
  const took = formatDuration(
    Math.max(0, Date.parse(outcome.endedAt) - Date.parse(outcome.startedAt)),
  );
  const dim = style('dim', `· ${took}`);
  switch (outcome.outcome) {
    case 'succeeded': {
      const was = from && from !== serving ? ` (was ${from})` : '';
      const text = `${deployment} runs ${serving ?? to ?? 'what was asked for'}${was}`;
      return proven
        ? `${style('good', '✓')} ${style('strong', text)} ${dim}`
        : `${style('warn', '!')} ${style('strong', text)}, kept by an operator without proof ${dim}`;
    }
    case 'rolled-back': {
      const text = `${deployment} is back on ${serving ?? from ?? 'the version before'}`;
      return `${style('warn', '↺')} ${style('strong', text)}: ${operation === 'upgrade' ? (to ?? 'the new version') : 'the rollback'} was taken back ${dim}`;
    }
    case 'refused':
      return `${style('bad', '✗')} ${style('strong', `${operation} of ${deployment} was refused`)}: nothing was changed ${dim}`;
    case 'parked':
      return `${style('bad', '‖')} ${style('strong', `${operation} of ${deployment} is parked`)}: no version could be proven ${dim}`;
  }
}

function backupLines({ backup }: Outcome, style: Style): string[] {
  if (!backup) return [];
  return [
    style(
      'dim',
      `  backup: ${backup.file} (${formatBytes(backup.bytes)}, sha256 ${backup.sha256.slice(0, 12)}…)`,
    ),
  ];
}

function evidenceLines({ evidence }: Outcome, style: Style): string[] {
  return evidence.map(({ path, bytes }) =>
    style('dim', `  evidence: ${path} (${formatBytes(bytes)})`),
  );
}

function parkedLines(name: string, style: Style): string[] {
  return [
    '  It stays open and waits for you. What to do:',
    `    belay retry ${name}                       tries the step again`,
    `    belay rollback ${name} --reason WHY       goes back to the version before`,
    `    belay keep ${name} --reason WHY           accepts what runs, without proof`,
    `    belay abort ${name} --reason WHY          closes it as parked; the claim stays`,
    style('dim', `  See: belay status ${name}`),
  ];
}
