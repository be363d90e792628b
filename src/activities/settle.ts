/** Closes an operation at the site: records, log, outcome, history; then the claim goes. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Deployment } from '../domain/deployment.ts';
import type { Outcome, TimelineEntry } from '../domain/operation.ts';
import type { Plan } from '../domain/plan.ts';
import { renderHistoryLine, stampOf, type HistoryLine } from '../domain/record.ts';
import { redact } from '../process/redact.ts';
import { act } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { exclusively } from './exclusive.ts';
import { renderLog } from './render-log.ts';

/** Input of {@link settle}. */
export interface SettleInput {
  readonly deployment: Deployment;
  readonly plan: Plan;
  readonly outcome: Outcome;
  readonly timeline: readonly TimelineEntry[];
  /** How the history names this ending; undefined: no line (nothing was changed, or parked). */
  readonly line?: HistoryLine['kind'];
  /** Versions of the line, when they aren't the plan's (a claim taken over). */
  readonly from?: string;
  readonly to?: string;
  /** False leaves the claim: the operation was closed while parked. */
  readonly release: boolean;
}

/** Ensure-shaped: a line that is there already is not written twice; files are replaced whole. */
export function settle(deps: ActivityDeps, input: SettleInput): Promise<void> {
  const { deployment } = input;
  return act(deployment.patienceMs, (context) =>
    exclusively(deployment.name, async () => {
      const target = deps.target(deployment);
      const claim = await target.readClaim();
      const ours = claim?.runId === context.runId;
      // A claim that isn't ours any more means that somebody else decides; a missing one that we settled already.
      if (claim && !ours) await target.checkClaim(context.runId);
      const { stamp, log } = operationFiles(input);
      await writeWhole(log, redact(renderLog(input)));
      await writeWhole(log.replace(/\.log$/, '.json'), redact(json(input.outcome)));
      const history = await deps.temporal.history(context.workflowId, context.runId);
      await writeWhole(log.replace(/\.log$/, '.history.json'), redact(history));
      if (input.line) await writeRecords(input, stamp, log);
      if (ours && input.release) await target.releaseClaim(context.runId);
    }),
  );
}

/** The stamp and the log file that an operation's records name. */
function operationFiles({ deployment, plan, outcome }: SettleInput) {
  const stamp = stampOf(outcome.startedAt);
  return { stamp, log: join(deployment.logs, `${plan.operation}-${stamp}.log`) };
}

async function writeRecords(input: SettleInput, stamp: string, log: string): Promise<void> {
  const { deployment, plan, line } = input;
  if (line === undefined) return;
  const from = input.from ?? plan.fromVersion;
  const to = input.to ?? plan.toVersion;
  const text = renderHistoryLine({ stamp, kind: line, from, to, log });
  if (plan.operation === 'upgrade' && (line === 'success' || line === 'kept')) {
    await writeWhole(deployment.records.previous, `${from}\n`, 0o644);
  }
  await appendLine(deployment.records.history, text);
}

/** Appends one line with one write, fsynced; completes a line that was cut before; never writes it twice. */
async function appendLine(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const before = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  if (before.split('\n').includes(line)) return;
  const file = await open(path, 'a', 0o644);
  try {
    await file.write(`${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Replaces a file whole: temp, fsync, rename, fsync of the folder. */
async function writeWhole(path: string, text: string, mode = 0o600): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${process.pid}.tmp`);
  const file = await open(temporary, 'w', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
