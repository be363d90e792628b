import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import { run, type Ran } from '../../scripts/stack/site.ts';
import type { Kind, Turn } from './measurement.ts';

/** Which Helm both contenders use, and its program. */
export interface Helm {
  readonly major: 3 | 4;
  readonly program: string;
}

/** The versions to which the runs go. */
export const TO: Readonly<Record<Kind, string>> = {
  upgrade: '1.3.0',
  crash: '1.3.1',
  missing: '9.9.9',
};

const AT_MOST_MS = 400_000;

/** Upgrades to the turn's version; never throws for an exit code. */
export function upgradeBy({ contender, kind }: Turn, site: ClusterSite, helm: Helm): Promise<Ran> {
  if (contender === 'belay') {
    const argv = ['upgrade', site.example.name, '--to', TO[kind], '--json', '--reason', 'bench'];
    return site.belay(argv, { timeoutMs: AT_MOST_MS });
  }
  const undoing = helm.major === 3 ? '--atomic' : '--rollback-on-failure';
  const waiting = kind === 'upgrade' ? ['--wait'] : [undoing];
  return helmUpgrade(site, helm, TO[kind], [...waiting, '--timeout', '120s']);
}

/** `helm upgrade` with the very values that belay gives. */
export function helmUpgrade(
  { example }: ClusterSite,
  { program }: Helm,
  version: string,
  options: readonly string[],
  kubeconfig = example.kubeconfig,
): Promise<Ran> {
  const { release, chart, namespace, valuesFile } = example;
  const values = ['--values', valuesFile, '--set', 'replicaCount=3'];
  return run(
    [
      ...[program, 'upgrade', release, chart, '--namespace', namespace, ...values],
      ...['--set-string', `image.tag=${version}`, ...options],
    ],
    { env: { KUBECONFIG: kubeconfig }, timeoutMs: AT_MOST_MS },
  );
}
