/**
 * The chart as helm takes it.
 */
import { stat } from 'node:fs/promises';
import type { ComponentSettings, HelmSettings } from '../../domain/deployment.ts';
import { failure } from '../../domain/errors.ts';
import { VERSION_PLACEHOLDER, versionOfReference } from '../../domain/image-tag.ts';
import type { Pins } from '../../domain/target.ts';

/** What names the chart in helm's arguments. */
export interface ChosenChart {
  /** A path, an `oci://` address or a name. */
  readonly chart: string;
  readonly args: readonly string[];
}

/**
 * The chart of the version that the pins carry.
 *
 * @throws BelayError `chart-not-found` (request) for a path that is not there, or no chart.
 */
export async function chooseChart(
  { chart }: HelmSettings,
  components: Readonly<Record<string, ComponentSettings>>,
  pins: Pins,
): Promise<ChosenChart> {
  const fill = (text: string) => text.replaceAll(VERSION_PLACEHOLDER, versionOf(components, pins));
  switch (chart.from) {
    case 'path': {
      const path = fill(chart.path);
      await requireChart(path);
      return { chart: path, args: [] };
    }
    case 'oci':
      return { chart: fill(chart.url), args: ['--version', fill(chart.version)] };
    case 'repository':
      return {
        chart: chart.name,
        args: ['--repo', chart.url, '--version', fill(chart.version)],
      };
  }
}

function versionOf(components: Readonly<Record<string, ComponentSettings>>, pins: Pins): string {
  for (const [component, settings] of Object.entries(components)) {
    const reference = pins[component]?.reference;
    const version = reference === undefined ? undefined : versionOfReference(settings, reference);
    if (version !== undefined) return version;
  }
  return '';
}

async function requireChart(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  const whole = found?.isDirectory()
    ? await stat(`${path}/Chart.yaml`).catch(() => undefined)
    : found;
  if (whole?.isFile()) return;
  throw failure(
    'request',
    'chart-not-found',
    found ? `${path} is no chart: it has no Chart.yaml` : `The chart ${path} does not exist`,
    'Correct target helm chart in the deployment file',
  );
}
