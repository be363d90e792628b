import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import type { Ran } from '../../scripts/stack/site.ts';
import type { Engine } from '../engine.ts';
import { phaseTimes } from '../phases.ts';
import { startProber } from '../prober.ts';
import { TO, upgradeBy, type Helm } from './contenders.ts';
import type { Measurement, Turn } from './measurement.ts';
import { FROM, images, restore } from './starting-point.ts';

/** Requests before and after the run, so that one that fails at its very edge is seen. */
const MARGIN_MS = 500;

/** Where the runs are made. */
export interface Ground {
  readonly site: ClusterSite;
  readonly engine: Engine;
  readonly helm: Helm;
  /** The health endpoint through the Service, from outside the cluster. */
  readonly url: string;
}

/**
 * Makes one run from the starting point and measures it, with 100 requests a second through the Service.
 *
 * @throws Error with what the contender printed when it did not end as it must, or when a pod has another
 *   image than it should.
 */
export async function measureRun(ground: Ground, turn: Turn): Promise<Measurement> {
  const { site, engine, helm, url } = ground;
  await restore(site, helm);
  const prober = await startProber(url);
  await sleep(MARGIN_MS);
  const [startedAtMs, startedMs] = [Date.now(), performance.now()];
  const ran = await upgradeBy(turn, site, helm);
  const wallMs = performance.now() - startedMs;
  const endedAtMs = Date.now();
  await sleep(MARGIN_MS);
  const probes = await prober.stop();
  await check(site, turn, ran);
  const failed = probes.filter(({ version }) => version === undefined).length;
  const measurement = { ...turn, wallMs, asked: probes.length, failed };
  if (turn.contender === 'baseline' || turn.kind === 'missing') return measurement;
  const { events, timeline } = await engine.lastOperation();
  return { ...measurement, events, phases: phaseTimes(timeline, { startedAtMs, endedAtMs }) };
}

/** Helm says 1 for every failure; belay 3 for what it took back, 5 for what it refused. */
const EXIT = {
  baseline: { upgrade: 0, crash: 1, missing: 1 },
  belay: { upgrade: 0, crash: 3, missing: 5 },
} as const;

async function check(
  site: ClusterSite,
  { contender, kind }: Turn,
  { code, stdout, stderr }: Ran,
): Promise<void> {
  const expected = EXIT[contender][kind];
  if (code !== expected) {
    throw new Error(`exited ${code ?? 'by a signal'}, not ${expected}:\n${stdout}${stderr}`);
  }
  const serving = kind === 'upgrade' ? TO.upgrade : FROM;
  const found = await images(site);
  if (found.length === 3 && found.every((image) => image.endsWith(`:${serving}`))) return;
  throw new Error(`the pods have ${found.join(', ')}, not ${serving} three times`);
}
