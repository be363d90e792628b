/** What one upgrade asks of the API server. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { PhaseEntry } from '../phases.ts';
import { startApiProxy, type ApiProxy, type Call } from './api-proxy.ts';
import { helmUpgrade, TO, upgradeBy } from './contenders.ts';
import type { Ground } from './measure-run.ts';
import type { ApiCalls } from './measurement.ts';
import { restore } from './starting-point.ts';

/**
 * Makes one upgrade of each contender through a proxy that counts, apart from the runs that are timed.
 *
 * @throws Error when an upgrade fails.
 */
export async function countCalls(ground: Ground): Promise<ApiCalls> {
  const { site } = ground;
  const through = join(site.folder, 'through-proxy');
  const proxy = await startApiProxy(site.example.kubeconfig, through);
  const declared = await readFile(site.example.deploymentFile, 'utf8');
  try {
    const document = parseDocument(declared);
    document.setIn(['target', 'helm', 'kubeconfig'], through);
    const baseline = await byHelm(ground, proxy, through);
    await writeFile(site.example.deploymentFile, document.toString());
    return { baseline, ...(await byBelay(ground, proxy)) };
  } finally {
    await writeFile(site.example.deploymentFile, declared);
    proxy.close();
    await rm(through, { force: true });
  }
}

async function byHelm({ site, helm }: Ground, proxy: ApiProxy, through: string): Promise<number> {
  await restore(site, helm);
  const options = ['--wait', '--timeout', '120s'];
  const { code, stderr } = await helmUpgrade(site, helm, TO.upgrade, options, through);
  if (code !== 0) throw new Error(`helm upgrade through the proxy: ${stderr}`);
  return proxy.take().length;
}

async function byBelay(
  { site, helm, engine }: Ground,
  proxy: ApiProxy,
): Promise<Omit<ApiCalls, 'baseline'>> {
  await restore(site, helm);
  const { code, stderr } = await upgradeBy({ contender: 'belay', kind: 'upgrade' }, site, helm);
  if (code !== 0) throw new Error(`belay upgrade through the proxy: ${stderr}`);
  const { timeline } = await engine.lastOperation();
  const calls = proxy.take();
  const own = calls.filter((call) => !isHelm(call));
  return {
    belay: own.length,
    belaysHelm: calls.length - own.length,
    ...watching(own, timeline),
  };
}

/** The requests while the rollout and the gate were watched: from the swap on. */
export function watching(
  calls: readonly Pick<Call, 'atMs'>[],
  timeline: readonly PhaseEntry[],
): Pick<ApiCalls, 'perSecond' | 'busiestSecond'> {
  const at = (phase: string): number | undefined => {
    const entry = timeline.find((one) => one.phase === phase);
    return entry && Date.parse(entry.at);
  };
  const [fromMs, toMs] = [at('swap'), at('record') ?? at('closed')];
  if (fromMs === undefined || toMs === undefined) throw new Error('no swap is in the timeline');
  const times = calls.map(({ atMs }) => atMs).filter((atMs) => atMs >= fromMs && atMs < toMs);
  const within = (start: number): number =>
    times.filter((atMs) => atMs >= start && atMs < start + 1_000).length;
  return {
    perSecond: times.length / ((toMs - fromMs) / 1_000),
    busiestSecond: Math.max(0, ...times.map(within)),
  };
}

function isHelm({ agent }: Call): boolean {
  return agent.startsWith('Helm/');
}
