/** Brings the installation back to where every run starts, by means that belong to neither contender. */
import { rm, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import { mustRun } from '../../scripts/stack/site.ts';
import { helmUpgrade, type Helm } from './contenders.ts';

/** The version from which every run starts. */
export const FROM = '1.2.2';

/** Pods that end and start cost processor time that no run shall pay. */
const CALM_MS = 3_000;

/** What 1.3.0 added to the database: without these, every run has to migrate. */
const UNDO_MIGRATIONS = `
  drop table if exists automation_steps, baseline_snapshots;
  delete from schema_migrations where version > 2016;
`;

/** 1.2.2 in every pod, nothing recorded, the newer version's migrations not applied. */
export async function restore(site: ClusterSite, helm: Helm): Promise<void> {
  const { example } = site;
  const { code, stderr } = await helmUpgrade(site, helm, FROM, ['--wait', '--timeout', '120s']);
  if (code !== 0) throw new Error(`${FROM} can't be put back: ${stderr}`);
  await onDatabase(site, UNDO_MIGRATIONS);
  for (const file of [example.history, example.previous]) await rm(file, { force: true });
  for (const folder of [example.backups, example.logs]) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  }
  await sleep(CALM_MS);
}

/** The images of all pods that are not ending, sorted. */
export async function images({ example }: ClusterSite): Promise<readonly string[]> {
  const selector = `app.kubernetes.io/instance=${example.release},app.kubernetes.io/name=tenant-plane`;
  const template =
    '{range .items[*]}{.metadata.deletionTimestamp} {.spec.containers[0].image}{"\\n"}{end}';
  const pods = await kubectl(
    example,
    ...['get', 'pods', '--selector', selector, '--output', `jsonpath=${template}`],
  );
  const living = pods.split('\n').filter((line) => line.startsWith(' ') && line.trim() !== '');
  return living.map((line) => line.trim()).sort();
}

function onDatabase({ example }: ClusterSite, sql: string): Promise<string> {
  const psql = ['psql', '--username', 'atlas', '--set', 'ON_ERROR_STOP=1', '--quiet', 'atlas'];
  return kubectl(example, 'exec', 'statefulset/db', '--', ...psql, '--command', sql);
}

function kubectl(
  { kubeconfig, namespace }: ClusterSite['example'],
  ...args: readonly string[]
): Promise<string> {
  const program = process.env['BELAY_KUBECTL'] ?? 'kubectl';
  return mustRun([program, '--kubeconfig', kubeconfig, '--namespace', namespace, ...args]);
}
