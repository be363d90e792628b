/**
 * Definitions of a chart's `crds` folder: helm installs them once and never looks at them again.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { clusterFailure, statusOf } from '../../cluster/failures.ts';
import type { Pins } from '../../domain/target.ts';
import { chooseChart } from './chart.ts';
import { helmFailure } from './failures.ts';
import { parseManifest, showObject, type DeclaredObject } from './objects.ts';
import type { Scope } from './scope.ts';

/** What an upgrade to these pins would leave as it is, one note per definition that differs from the chart's. */
export async function definitionNotes(
  scope: Scope,
  pins: Pins,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { chart, args } = await chooseChart(scope.settings, scope.components, pins);
  const finished = await scope.helm.read(['show', 'crds', chart, ...args], { signal });
  if (finished.exitCode !== 0) throw helmFailure(finished, `reading the definitions of ${chart}`);
  const notes = await Promise.all(
    parseManifest(finished.stdout).map((object) => noteOn(scope.cluster(), object)),
  );
  return notes.flat();
}

async function noteOn(cluster: Cluster, declared: DeclaredObject): Promise<readonly string[]> {
  const shown = `${showObject(declared)} of the chart’s crds folder`;
  const never = 'helm never upgrades it: apply it with kubectl, before or after, as the chart says';
  try {
    const { apiVersion, kind, name } = declared;
    const live = await cluster.objects.read({ apiVersion, kind, metadata: { name } });
    const paths = lacking(declared.object['spec'], plain(live)['spec'], 'spec');
    return paths.length === 0
      ? []
      : [`${shown} is another on the cluster (${paths.join(', ')}); ${never}`];
  } catch (error) {
    if (statusOf(error) === 404) return [`${shown} is not on the cluster; ${never}`];
    if (statusOf(error) === 403) return [`${shown} can’t be compared without permission; ${never}`];
    throw clusterFailure(error, `reading ${showObject(declared)}`);
  }
}

/** Dotted paths of what is declared and not so on the cluster, at most five; what the cluster fills in is no difference. */
export function lacking(declared: unknown, live: unknown, path: string): readonly string[] {
  if (isNothing(declared) && isNothing(live)) return [];
  if (isRecord(declared) && isRecord(live))
    return Object.entries(declared)
      .flatMap(([key, value]) => lacking(value, live[key], `${path}.${key}`))
      .slice(0, 5);
  if (Array.isArray(declared) && Array.isArray(live) && declared.length === live.length)
    return declared
      .flatMap((value: unknown, at) => lacking(value, live[at], `${path}[${at}]`))
      .slice(0, 5);
  return JSON.stringify(declared) === JSON.stringify(live) ? [] : [path];
}

/** The API server leaves out what says nothing. */
function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === '';
}

/** As the API server writes it: the client gives some members names of its own (`_default`, `x_kubernetes_…`). */
function plain(object: unknown): Readonly<Record<string, unknown>> {
  const renamed: unknown = JSON.parse(JSON.stringify(object), (_, value: unknown) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [nameOf(key), each]))
      : value,
  );
  return isRecord(renamed) ? renamed : {};
}

function nameOf(key: string): string {
  if (key.startsWith('x_kubernetes_')) return key.replaceAll('_', '-');
  return key === '_default' || key === '_enum' ? key.slice(1) : key;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
