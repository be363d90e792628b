/** What one upgrade asks of the API server. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { PhaseEntry } from '../phases.ts';
import { startApiProxy, type ApiProxy, type Call } from './api-proxy.ts';
import { helmUpgrade, TO, upgradeBy } from './contenders.ts';
import type { Ground } from './measure-run.ts';
import type { ApiCalls } from './measurement.ts';
import { spreadOf } from '../statistics.ts';
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
    ...watching(calls, timeline),
  };
}

/** Belay's own requests in each whole second from helm's last change to the end of the swap. */
export function watching(
  calls: readonly Call[],
  timeline: readonly PhaseEntry[],
): Pick<ApiCalls, 'perSecond' | 'busiestSecond'> {
  const from = timeline.findIndex(({ phase }) => phase === 'swap');
  const [start, end] = [timeline[from], timeline.slice(from).find(({ phase }) => phase !== 'swap')];
  if (!start || !end) throw new Error('the timeline has no swap that ended');
  const [startMs, endMs] = [Date.parse(start.at), Date.parse(end.at)];
  const inSwap = calls.filter(({ atMs }) => atMs >= startMs && atMs < endMs);
  const changedMs = inSwap.findLast((call) => isHelm(call) && !/^GET /.test(call.what))?.atMs;
  if (changedMs === undefined) throw new Error('helm changed nothing in the swap');
  const seconds = Math.floor((endMs - changedMs) / 1_000);
  const counts = Array.from({ length: seconds }, (_, second) => {
    const fromMs = changedMs + second * 1_000;
    return inSwap.filter(
      (call) => !isHelm(call) && call.atMs > fromMs && call.atMs <= fromMs + 1_000,
    ).length;
  });
  const { median, max } = spreadOf(counts);
  return { perSecond: median, busiestSecond: max };
}

function isHelm({ agent }: Call): boolean {
  return agent.startsWith('Helm/');
}
