/** One look at a deployment: the sample that the health gate judges. */
import type { Deployment } from '../domain/deployment.ts';
import { BelayError } from '../domain/errors.ts';
import type { Sample } from '../domain/judge.ts';
import { neverReady } from '../domain/judge-starting.ts';
import type { Instance, Look } from '../domain/target.ts';
import type { ActContext } from '../domain/act.ts';
import type { Target } from '../targets/target.ts';
import { askHealth } from './ask-health.ts';
import { reportedVersion } from './reported-version.ts';

/** Takes samples of one deployment; remembers versions it read already. */
export function createLook(deployment: Deployment, target: Target, context: ActContext) {
  const versions = new Map<string, string>();
  return async (): Promise<Sample> => {
    const [seen, answer] = await Promise.all([
      lookAtRuntime(target, context),
      askHealth(deployment.health, target, context),
    ]);
    context.signal.throwIfAborted();
    const atMs = Date.now();
    if ('unobservable' in seen) return { atMs, unobservable: seen.unobservable };
    const instances = pinned(seen, deployment);
    const sample: Sample = {
      atMs,
      instances,
      answer,
      ...(seen.engineStartedAt !== undefined && { engineStartedAt: seen.engineStartedAt }),
    };
    if (!answer.ok) return sample;
    const read = await readVersion(deployment, target, started(instances), context, versions);
    return 'version' in read
      ? { ...sample, version: read.version }
      : { ...sample, answer: { ok: false, why: `the version could not be read: ${read.why}` } };
  };
}

/** Only the components that the deployment names: their neighbours are not judged. */
function pinned(seen: Look, deployment: Deployment): Record<string, readonly Instance[]> {
  return Object.fromEntries(
    Object.keys(deployment.components).map((name) => [name, seen.instances[name] ?? []]),
  );
}

/** What never was ready serves nobody yet, and can't say its version: the gate judges by itself that it is not ready. */
function started(
  instances: Readonly<Record<string, readonly Instance[]>>,
): Record<string, readonly Instance[]> {
  return Object.fromEntries(
    Object.entries(instances).map(([name, all]) => [name, all.filter((each) => !neverReady(each))]),
  );
}

async function lookAtRuntime(
  target: Target,
  context: ActContext,
): Promise<Look | { readonly unobservable: string }> {
  try {
    return await target.look(context);
  } catch (error) {
    if (error instanceof BelayError && error.fault === 'environment') {
      return { unobservable: error.message };
    }
    throw error;
  }
}

async function readVersion(
  deployment: Deployment,
  target: Target,
  instances: Readonly<Record<string, readonly Instance[]>>,
  context: ActContext,
  versions: Map<string, string>,
) {
  try {
    return await reportedVersion(deployment.version, target, instances, context, versions);
  } catch (error) {
    if (error instanceof BelayError) return { why: error.message };
    throw error;
  }
}
