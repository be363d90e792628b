/**
 * What an upgrade would declare, as helm itself renders it against the cluster.
 */
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
import { parseJson } from '../../domain/parse-json.ts';
import type { Pins } from '../../domain/target.ts';
import { chooseChart } from './chart.ts';
import { helmFailure } from './failures.ts';
import { parseManifest, type DeclaredObject } from './objects.ts';
import type { Scope } from './scope.ts';
import { givenValues } from './values.ts';

/** A rendering. */
export interface Rendered {
  readonly objects: readonly DeclaredObject[];
  readonly hooks: readonly RenderedHook[];
}

/** A hook of the chart. */
export interface RenderedHook {
  /** `Job/migrate`. */
  readonly name: string;
  /** `pre-upgrade`, … */
  readonly events: readonly string[];
}

const renderedSchema = z.object({
  manifest: z.string(),
  hooks: z
    .array(
      z.object({
        name: z.string(),
        kind: z.string(),
        events: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});

/** Arguments and stdin of `helm upgrade` to these pins, the same for the rendering and the act. */
export async function upgradeCall(
  { settings, components }: Scope,
  pins: Pins,
): Promise<{ readonly args: readonly string[]; readonly input: string }> {
  const { chart, args } = await chooseChart(settings, components, pins);
  const values = givenValues(settings, components, pins);
  return {
    args: ['upgrade', settings.release, chart, ...args, ...values.args],
    input: values.input,
  };
}

/** Renders with the cluster's own kinds and look-ups; changes nothing. */
export async function render(scope: Scope, pins: Pins, signal: AbortSignal): Promise<Rendered> {
  const { args, input } = await upgradeCall(scope, pins);
  const finished = await scope.helm.read([...args, '--dry-run=server', '--output', 'json'], {
    input,
    signal,
  });
  if (finished.exitCode !== 0)
    throw helmFailure(finished, `rendering release ${scope.settings.release}`);
  // Warnings may stand before the JSON.
  const json = finished.stdout.slice(Math.max(0, finished.stdout.indexOf('{')));
  const parsed = renderedSchema.safeParse(parseJson(json));
  if (!parsed.success)
    throw failure(
      'unknown',
      'helm-output',
      `\`helm upgrade --dry-run=server\` of release ${scope.settings.release} said what belay can't read`,
      'Is it Helm 3 or 4?',
    );
  const { manifest, hooks } = parsed.data;
  return {
    objects: parseManifest(manifest),
    hooks: (hooks ?? []).map(({ name, kind, events }) => ({
      name: `${kind}/${name}`,
      events: events ?? [],
    })),
  };
}
