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
  /** The history's line, and the previous version when there is a new one; undefined: nothing was changed, or parked. */
  readonly record?: {
    readonly line: HistoryLine['kind'];
    readonly from: string;
    readonly to: string;
    readonly previous?: string;
  };
  /** False leaves the claim: the operation was closed while parked. */
  readonly release: boolean;
  /** False: an operator has given the records up; what can be written is, and the claim goes. */
  readonly recorded: boolean;
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
      const history = () => deps.temporal.history(context.workflowId, context.runId);
      await writeAll(input, history).catch((error: unknown) => {
        if (input.recorded) throw error;
      });
      if (ours && input.release) await target.releaseClaim(context.runId);
    }),
  );
}

async function writeAll(input: SettleInput, history: () => Promise<string>): Promise<void> {
  const { deployment, plan, outcome, record } = input;
  const stamp = stampOf(outcome.startedAt);
  const base = join(deployment.logs, `${plan.operation}-${stamp}`);
  await writeWhole(`${base}.log`, redact(renderLog(input)));
  await writeWhole(`${base}.json`, redact(json(outcome)));
  await writeWhole(`${base}.history.json`, redact(await history()));
  if (!record) return;
  if (record.previous !== undefined) {
    await writeWhole(deployment.records.previous, `${record.previous}\n`, 0o644);
  }
  const { line: kind, from, to } = record;
  const line = renderHistoryLine({ stamp, kind, from, to, log: `${base}.log` });
  await appendLine(deployment.records.history, line);
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
