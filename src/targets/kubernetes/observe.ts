/**
 * What runs and what the workloads declare. Changes nothing.
 */
import { BelayError } from '../../domain/errors.ts';
import type { Hazard, Observed, Point, Revision } from '../../domain/target.ts';
import { holdHazards } from '../../cluster/hold-hazards.ts';
import { identity, nodePlatform, serverVersion } from '../../cluster/identity.ts';
import { lookAt } from '../../cluster/look.ts';
import { foreignManager } from '../../cluster/managers.ts';
import { missingPermissions } from '../../cluster/permissions.ts';
import { placeComponents } from '../../cluster/place-images.ts';
import { showRef, type Workload } from '../../cluster/workloads.ts';
import { findUniform, findWorkloads, type Found } from './find-workloads.ts';
import { neededPermissions } from './permissions.ts';
import type { Scope } from './scope.ts';
import { readTemplates } from './templates.ts';

/** What belay relies on: server-side apply, `startTime` of pods, the status of rollouts. */
const LEAST_TOOLS = { kubernetes: '1.27.0' };

/** A full observation. Throws `request` with every reason when nothing can be done here. */
export async function observe(scope: Scope): Promise<Observed> {
  const cluster = scope.cluster();
  const [ids, kubernetes, platform] = await Promise.all([
    identity(cluster),
    serverVersion(cluster),
    nodePlatform(cluster),
  ]);
  const lacking = await missingPermissions(cluster, neededPermissions(), 'NAME');
  if (lacking.length > 0) throw new BelayError('request', lacking);
  const found = await findUniform(scope);
  const { instances } = await lookAt(cluster, found.places);
  return {
    ...ids,
    tools: { kubernetes },
    leastTools: LEAST_TOOLS,
    platform,
    components: Object.fromEntries(
      Object.keys(scope.components).map((component) => [
        component,
        { declared: found.references[component] ?? '', instances: instances[component] ?? [] },
      ]),
    ),
    point: await pointOf(scope, found),
    hazards: found.workloads.flatMap(hazardsOf),
  };
}

/** Each workload counts its own revisions; one workload's is the deployment's. */
async function pointOf(scope: Scope, { workloads }: Found): Promise<Point> {
  const counted = await Promise.all(
    workloads.map(async (workload) => {
      const last = (await readTemplates(scope.cluster(), workload)).at(-1);
      return [showRef(workload.ref), workload.revision ?? last?.revision ?? 0] as const;
    }),
  );
  const [only] = counted;
  return {
    revision: counted.length === 1 ? (only?.[1] ?? 0) : 0,
    objects: Object.fromEntries(counted),
  };
}

function hazardsOf(workload: Workload): Hazard[] {
  const { ref, metadata, paused } = workload;
  const shown = showRef(ref);
  const manager = foreignManager(metadata);
  const helm = metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm' ? 'Helm' : undefined;
  const managed = manager ?? helm;
  return [
    ...(managed === undefined
      ? []
      : [
          {
            name: `managed-by:${shown}`,
            message: `${shown} is managed by ${managed}, which puts back what it wants`,
            remedy:
              managed === 'Helm'
                ? 'Describe it as a Helm release: target helm'
                : `Upgrade it there, or suspend ${managed} for it`,
          },
        ]),
    ...(!paused && isRollingOut(workload)
      ? [
          {
            name: `rollout:${shown}`,
            message: `A rollout of ${shown} is under way, or stuck: ${workload.updated} of ${workload.desired} pods have its newest template`,
            remedy:
              'Let it end first, or take it back: kubectl rollout status, kubectl rollout undo',
          },
        ]
      : []),
    ...holdHazards(workload),
  ];
}

/** Old pods are left, or the controller has not seen its newest template yet. Pods that are merely not ready are no rollout. */
function isRollingOut({ observed, updated, desired, current }: Workload): boolean {
  return !observed || updated < desired || current > updated;
}

/** See `Target.revisions`: of one workload alone, for several have no common history. */
export async function revisions(scope: Scope): Promise<Revision[]> {
  const { workloads } = await findWorkloads(scope);
  const [workload, ...others] = workloads;
  if (!workload || others.length > 0) return [];
  const templates = await readTemplates(scope.cluster(), workload);
  return templates.map(({ revision, at, template }, index) => {
    const images = Object.fromEntries(
      (template.spec?.containers ?? []).map(({ name, image = '' }) => [name, image]),
    );
    return {
      revision,
      at,
      status: index === templates.length - 1 ? 'deployed' : 'superseded',
      usable: true,
      description: Object.values(images).join(', '),
      references: referencesIn(scope, { ref: workload.ref, images }),
      objects: { [showRef(workload.ref)]: revision },
    };
  });
}

function referencesIn(
  { components }: Scope,
  declared: Parameters<typeof placeComponents>[0][number],
): Readonly<Record<string, string>> {
  try {
    return placeComponents([declared], components).references;
  } catch (error) {
    if (error instanceof BelayError) return {};
    throw error;
  }
}
