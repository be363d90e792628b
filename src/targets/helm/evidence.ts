/**
 * Evidence of a release: what its workloads and hooks said, and what helm knows of it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { collectCluster, logsOf } from '../../cluster/collect.ts';
import { maskObject, rememberPodSecrets } from '../../cluster/secrets.ts';
import { readPresent, showRef, type WorkloadRef } from '../../cluster/workloads.ts';
import type { ActContext } from '../../domain/act.ts';
import type { Evidence } from '../../domain/target.ts';
import { orWhyNot, type Piece } from '../../process/write-evidence.ts';
import { readHistory, readManifest, deployedOf } from './history.ts';
import { hookPods } from './hooks.ts';
import { maskedObject, parseManifest, type DeclaredObject } from './objects.ts';
import { workloadsOf } from './places.ts';
import type { Scope } from './scope.ts';

/** What a revision declares. */
interface Declared {
  readonly revision: number;
  readonly objects: readonly DeclaredObject[];
}

/** See `Target.collect`. What can't be had is said in its place: a damaged release must not keep the rest from us. */
export async function collectRelease(
  scope: Scope,
  directory: string,
  context: ActContext,
): Promise<Evidence[]> {
  const declared = await declaredNow(scope, context.signal).catch(() => []);
  const refs = await presentWorkloads(scope, declared);
  return collectCluster(scope.cluster(), refs, directory, context, async () => [
    ...(await helmPieces(scope, context)),
    ...declared.map(({ revision, objects }) => ({
      name: `manifest-${revision}.yaml`,
      text: stringify(objects.map((object) => maskObject(maskedObject(object)))),
    })),
    ...(await hookPieces(scope)),
  ]);
}

/** The revision that serves and the newest one, which may have failed: its objects may be there all the same. */
async function declaredNow(
  { helm, settings }: Scope,
  signal: AbortSignal,
): Promise<readonly Declared[]> {
  const history = await readHistory(helm, settings.release, signal);
  const revisions = [deployedOf(history), history.at(-1)].flatMap((each) =>
    each ? [each.revision] : [],
  );
  return Promise.all(
    [...new Set(revisions)].map(async (revision) => ({
      revision,
      objects: parseManifest(await readManifest(helm, settings.release, revision, signal)),
    })),
  );
}

async function presentWorkloads(
  scope: Scope,
  declared: readonly Declared[],
): Promise<WorkloadRef[]> {
  const all = declared.flatMap(({ objects }) => workloadsOf(objects).map(({ ref }) => ref));
  const refs = [...new Map(all.map((ref) => [showRef(ref), ref])).values()];
  return (await readPresent(scope.cluster(), refs)).map(({ ref }) => ref);
}

async function hookPieces(scope: Scope): Promise<Piece[]> {
  const cluster = scope.cluster();
  const pods = await hookPods(scope).catch(() => []);
  await rememberPodSecrets(cluster, pods);
  return (await Promise.all(pods.map((pod) => logsOf(cluster, pod)))).flat();
}

/** What helm itself knows and said; values stay out. */
async function helmPieces(
  { helm, settings, stateDirectory }: Scope,
  { signal }: ActContext,
): Promise<Piece[]> {
  const history = () =>
    orWhyNot(async () => {
      const { stdout, stderr } = await helm.read(['history', settings.release], { signal });
      return stdout + stderr;
    });
  const logs = (await readdir(stateDirectory).catch(() => [])).filter((name) =>
    name.endsWith('.log'),
  );
  return [
    { name: 'helm-history.txt', text: await history() },
    ...(await Promise.all(
      logs.map(async (name) => ({
        name,
        text: await orWhyNot(() => readFile(join(stateDirectory, name), 'utf8')),
      })),
    )),
  ];
}
