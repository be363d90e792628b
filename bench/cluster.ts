/**
 * `npm run bench -- cluster`: belay's upgrade of a Helm release against helm's own, alternated on one
 * cluster. It reports and never judges: a missed figure is no failure, a run that does not end as it must is.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildImages } from '../examples/tenant-plane/images.ts';
import { ensureCluster, stopCluster } from '../scripts/kube/cluster.ts';
import { ClusterSite } from '../scripts/stack/cluster-site.ts';
import { ensureDocker, stopDocker } from '../scripts/stack/docker.ts';
import { ensureRegistry, stopRegistry } from '../scripts/stack/registry.ts';
import { FROM } from './cluster/starting-point.ts';
import { TO, type Helm } from './cluster/contenders.ts';
import { countCalls } from './cluster/count-calls.ts';
import { figuresOf } from './cluster/figures.ts';
import { measureRun, type Ground } from './cluster/measure-run.ts';
import type { ApiCalls, Measured, Measurement, Turn } from './cluster/measurement.ts';
import { interruption, messageOf, readCount, say } from './command.ts';
import { openEngine } from './engine.ts';
import { scheduleOf, type Amounts } from './schedule.ts';
import { figureTable, phaseTable } from './table.ts';

export const HELP = `npm run bench -- cluster [options]
  --helm 3|4      the Helm that both use (default 3)
  --runs N        good upgrades of each, and crashing releases of belay (default 5)
  --crash-runs N  crashing releases of helm, and missing images of each (default 1)
  --json FILE     write every measurement to FILE as well
`;

const NODE_PORT = 30_900;

interface Options extends Amounts {
  readonly helm: Helm;
  readonly json: string | undefined;
}

/**
 * Runs the bench and prints its tables to standard output, its progress to standard error.
 *
 * @returns the exit code: 0, or 1 when the cluster did not start or a run failed; what was measured
 *   before that is printed all the same.
 * @throws Error when an option is wrong.
 */
export async function benchCluster(args: readonly string[]): Promise<number> {
  const { json, helm, ...amounts } = readOptions(args);
  const runs: Measurement[] = [];
  let api: ApiCalls | undefined;
  let code = 0;
  try {
    api = await onACluster(helm, (ground) => runAll(ground, amounts, runs));
  } catch (error) {
    say(messageOf(error));
    code = 1;
  }
  const measured: Measured = { runs, api };
  const tables = [...figureTable(figuresOf(measured)), '', ...phaseTable(runs), ''];
  if (runs.length > 0) process.stdout.write(tables.join('\n'));
  if (json !== undefined) {
    const content = { figures: figuresOf(measured), ...measured };
    await writeFile(json, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  }
  return code;
}

function readOptions(args: readonly string[]): Options {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { helm: option, runs: option, 'crash-runs': option, json: option },
  });
  const runs = readCount('--runs', values.runs ?? '5');
  const crashRuns = Math.min(runs, readCount('--crash-runs', values['crash-runs'] ?? '1'));
  return { runs, crashRuns, json: values.json, helm: readHelm(values.helm ?? '3') };
}

function readHelm(text: string): Helm {
  if (text === '3') return { major: 3, program: process.env['BELAY_HELM3'] ?? 'helm' };
  if (text === '4') return { major: 4, program: process.env['BELAY_HELM4'] ?? 'helm' };
  throw new Error(`--helm ${text}: expected 3 or 4`);
}

async function runAll(ground: Ground, amounts: Amounts, runs: Measurement[]): Promise<ApiCalls> {
  const missing = (['baseline', 'belay'] as const).flatMap((contender): Turn[] =>
    Array.from({ length: amounts.crashRuns }, () => ({ contender, kind: 'missing' })),
  );
  const turns: readonly Turn[] = [...scheduleOf(amounts), ...missing];
  for (const contender of ['baseline', 'belay'] as const) {
    await tell('warm-up, not counted', { contender, kind: 'upgrade' }, ground);
  }
  for (const [index, turn] of turns.entries()) {
    runs.push(await tell(`${index + 1} of ${turns.length}`, turn, ground));
  }
  say('counting API calls');
  return countCalls(ground);
}

async function tell(title: string, turn: Turn, ground: Ground): Promise<Measurement> {
  const name = `${title}: ${turn.contender}, ${turn.kind}`;
  const measurement = await measureRun(ground, turn).catch((cause: unknown) => {
    throw new Error(`${name}: ${messageOf(cause)}`, { cause });
  });
  const { wallMs, asked, failed } = measurement;
  say(`${name}: wall ${(wallMs / 1000).toFixed(2)} s, ${failed} of ${asked} requests failed`);
  return measurement;
}

/** Brings up a cluster and an installation, and takes down what it brought up, also on Ctrl-C. */
async function onACluster<T>(helm: Helm, measure: (ground: Ground) => Promise<T>): Promise<T> {
  say('a registry, the images, a cluster, the example application and its belay');
  const docker = await ensureDocker();
  const registry = await ensureRegistry();
  const cluster = await ensureCluster();
  try {
    await buildImages({ versions: [FROM, TO.upgrade, TO.crash] });
    const site = await ClusterSite.start({
      name: `bench-${process.pid}`,
      kubeconfig: cluster.kubeconfig,
      helm: helm.program,
      nodePort: NODE_PORT,
    });
    const url = `http://${cluster.nodeAddress}:${NODE_PORT}/api/health`;
    const work = measureOn({ site, helm, url }, measure);
    return await Promise.race([work, interruption()]).finally(() => site.stop());
  } finally {
    if (cluster.startedNow) await stopCluster();
    if (registry.startedNow) await stopRegistry();
    if (docker.startedNow) await stopDocker();
  }
}

async function measureOn<T>(
  ground: Omit<Ground, 'engine'>,
  measure: (ground: Ground) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(ground.site);
  try {
    return await measure({ ...ground, engine });
  } finally {
    await engine.close();
  }
}
