import { setTimeout as sleep } from 'node:timers/promises';
import type { Ran, Site } from '../scripts/stack/site.ts';
import { ROLLED_BACK, upgradeBy } from './contenders.ts';
import type { Engine } from './engine.ts';
import type { Measurement } from './measurement.ts';
import { longestOutage, type Outage, type Probe } from './outage.ts';
import { phaseTimes } from './phases.ts';
import { startProber } from './prober.ts';
import type { Turn } from './schedule.ts';
import { FROM, type StartingPoint } from './starting-point.ts';

/** The good release, and the one that exits at start. */
const TO = { upgrade: '1.3.0', crash: '1.3.1' } as const;

/** The versions that a run needs, the first one included. */
export const VERSIONS: readonly string[] = [FROM, ...Object.values(TO)];

/** Answers before and after the run, so that a gap at its very edge is seen whole. */
const MARGIN_MS = 500;

/** Where the runs are made. */
export interface Ground {
  readonly site: Site;
  readonly start: StartingPoint;
  readonly engine: Engine;
}

/**
 * Makes one run from the starting point and measures it.
 *
 * @throws Error with what the contender printed when it did not end as it must, or when another version
 *   answers than should.
 */
export async function measureRun(
  { site, start, engine }: Ground,
  { contender, kind }: Turn,
): Promise<Measurement> {
  await start.restore(Object.values(TO));
  const prober = await startProber(`${site.example.url}/api/health`);
  await sleep(MARGIN_MS);
  const [startedAtMs, startedMs] = [Date.now(), performance.now()];
  const ran = await upgradeBy(contender, site, TO[kind]);
  const wallMs = performance.now() - startedMs;
  const endedAtMs = Date.now();
  await sleep(MARGIN_MS);
  const { gapMs, recoveryMs } = checked(kind, ran, await prober.stop());
  const measurement = { contender, kind, wallMs, gapMs, recoveryMs };
  if (contender === 'baseline') return measurement;
  const { events, timeline } = await engine.lastOperation();
  return { ...measurement, events, phases: phaseTimes(timeline, { startedAtMs, endedAtMs }) };
}

function checked(
  kind: Turn['kind'],
  { code, stdout, stderr }: Ran,
  seen: readonly Probe[],
): Outage {
  const expected =
    kind === 'upgrade' ? { code: 0, serves: TO.upgrade } : { code: ROLLED_BACK, serves: FROM };
  if (code !== expected.code) {
    throw new Error(`exited ${code ?? 'by a signal'}, not ${expected.code}:\n${stdout}${stderr}`);
  }
  const outage = longestOutage(seen);
  if (outage.before !== FROM || outage.after !== expected.serves) {
    const { before, after } = outage;
    throw new Error(`${before} → ${after} around the gap, not ${FROM} → ${expected.serves}`);
  }
  return outage;
}
