/**
 * `npm run bench -- upgrade`: belay's upgrade against a plain script's, alternated on one stack. It reports
 * and never judges: a missed figure is no failure, a run that does not end as it must is.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildImages } from '../examples/tenant-plane/images.ts';
import { ensureDocker, stopDocker } from '../scripts/stack/docker.ts';
import { ensureRegistry, stopRegistry } from '../scripts/stack/registry.ts';
import { Site } from '../scripts/stack/site.ts';
import { interruption, messageOf, readCount, say } from './command.ts';
import { openEngine, type Engine } from './engine.ts';
import { figuresOf } from './figures.ts';
import { cpuPercent, peakRssBytes } from './footprint.ts';
import { measureRun, VERSIONS, type Ground } from './measure-run.ts';
import type { Footprint, Measured, Measurement } from './measurement.ts';
import { renderReport } from './report.ts';
import { scheduleOf, type Amounts, type Turn } from './schedule.ts';
import { rememberStartingPoint } from './starting-point.ts';

export const HELP = `npm run bench -- upgrade [options]
  --runs N        plain upgrades of each, and crashing releases of belay (default 15)
  --crash-runs N  crashing releases of the plain script, 95 s each (default 3)
  --json FILE     write every measurement to FILE as well
`;

/** Time for the worker to come to rest before it is called idle, and for which it is then watched. */
const REST_MS = 5_000;
const IDLE_MS = 30_000;

/** What the options say. */
interface Options extends Amounts {
  /** Where every measurement is written as well. */
  readonly json: string | undefined;
}

/**
 * Runs the bench and prints its tables to standard output, its progress to standard error.
 *
 * @returns the exit code: 0, or 1 when the stack did not start or a run failed; what was measured
 *   before that is printed all the same.
 * @throws Error when an option is wrong.
 */
export async function benchUpgrade(args: readonly string[]): Promise<number> {
  const { json, ...amounts } = readOptions(args);
  const runs: Measurement[] = [];
  let footprint: Footprint | undefined;
  let code = 0;
  try {
    footprint = await onAStack((ground) => runAll(ground, amounts, runs));
  } catch (error) {
    say(messageOf(error));
    code = 1;
  }
  const measured: Measured = { runs, footprint };
  if (runs.length > 0) process.stdout.write(renderReport(measured));
  if (json !== undefined) await writeJson(json, measured);
  return code;
}

function readOptions(args: readonly string[]): Options {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { runs: option, 'crash-runs': option, json: option },
  });
  const runs = readCount('--runs', values.runs ?? '15');
  const crashRuns = readCount('--crash-runs', values['crash-runs'] ?? '3');
  return { runs, crashRuns: Math.min(runs, crashRuns), json: values.json };
}

async function runAll(ground: Ground, amounts: Amounts, runs: Measurement[]): Promise<Footprint> {
  const turns = scheduleOf(amounts);
  for (const contender of ['baseline', 'belay'] as const) {
    await tell('warm-up, not counted', { contender, kind: 'upgrade' }, ground);
  }
  for (const [index, turn] of turns.entries()) {
    runs.push(await tell(`${index + 1} of ${turns.length}`, turn, ground));
  }
  return footprintOf(ground.engine);
}

async function tell(title: string, turn: Turn, ground: Ground): Promise<Measurement> {
  const name = `${title}: ${turn.contender}, ${turn.kind}`;
  const measurement = await measureRun(ground, turn).catch((cause: unknown) => {
    throw new Error(`${name}: ${messageOf(cause)}`, { cause });
  });
  const { wallMs, gapMs, recoveryMs, events } = measurement;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  const facts = [
    `wall ${seconds(wallMs)}`,
    turn.kind === 'crash' ? `serving again after ${seconds(recoveryMs)}` : `gap ${seconds(gapMs)}`,
    ...(events === undefined ? [] : [`${events} events`]),
  ];
  say(`${name}: ${facts.join(', ')}`);
  return measurement;
}

async function footprintOf({ workerPid, serverPid }: Engine): Promise<Footprint> {
  say(`watching the idle engine for ${IDLE_MS / 1000} s`);
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return {
    workerPeakBytes: await peakRssBytes(workerPid),
    serverPeakBytes: await peakRssBytes(serverPid),
    idlePercent: await cpuPercent([workerPid, serverPid], IDLE_MS),
  };
}

/** Brings up a site and its engine, and takes down what it brought up, also on Ctrl-C. */
async function onAStack<T>(measure: (ground: Ground) => Promise<T>): Promise<T> {
  say('a Docker engine, a registry, the images, the example application and its belay');
  const docker = await ensureDocker();
  const registry = await ensureRegistry();
  try {
    await buildImages({ versions: VERSIONS });
    const site = await Site.start({ name: `bench-${process.pid}` });
    return await Promise.race([measureOn(site, measure), interruption()]).finally(() =>
      site.stop(),
    );
  } finally {
    if (registry.startedNow) await stopRegistry();
    if (docker.startedNow) await stopDocker();
  }
}

async function measureOn<T>(site: Site, measure: (ground: Ground) => Promise<T>): Promise<T> {
  const engine = await openEngine(site);
  try {
    return await measure({ site, start: await rememberStartingPoint(site), engine });
  } finally {
    await engine.close();
  }
}

async function writeJson(file: string, measured: Measured): Promise<void> {
  const content = { figures: figuresOf(measured), ...measured };
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}
