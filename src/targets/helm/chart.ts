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
 * @throws BelayError (request) `chart-not-found` for a path that is not there, or no chart; `chart-version-unknown`.
 */
export async function chooseChart(
  { chart }: HelmSettings,
  components: Readonly<Record<string, ComponentSettings>>,
  pins: Pins,
): Promise<ChosenChart> {
  const fill = filler(components, pins);
  switch (chart.from) {
    case 'path': {
      const path = fill(chart.path);
      await requireChart(path);
      return { chart: path, args: [] };
    }
    case 'oci':
      return {
        chart: fill(chart.url),
        args: ['--version', fill(chart.version), ...(isOfThisMachine(chart.url) ? PLAIN : [])],
      };
    case 'repository':
      return {
        chart: chart.name,
        args: ['--repo', chart.url, '--version', fill(chart.version)],
      };
  }
}

/** Where a chart that is a file or a folder is; undefined for one from elsewhere. */
export function chartPath(
  { chart }: HelmSettings,
  components: Readonly<Record<string, ComponentSettings>>,
  pins: Pins,
): string | undefined {
  return chart.from === 'path' ? filler(components, pins)(chart.path) : undefined;
}

function filler(components: Readonly<Record<string, ComponentSettings>>, pins: Pins) {
  return (text: string) =>
    text.includes(VERSION_PLACEHOLDER)
      ? text.replaceAll(VERSION_PLACEHOLDER, versionOf(components, pins))
      : text;
}

function versionOf(components: Readonly<Record<string, ComponentSettings>>, pins: Pins): string {
  for (const [component, settings] of Object.entries(components)) {
    const reference = pins[component]?.reference;
    const version = reference === undefined ? undefined : versionOfReference(settings, reference);
    if (version !== undefined) return version;
  }
  throw failure(
    'request',
    'chart-version-unknown',
    `The chart is named by ${VERSION_PLACEHOLDER}, and no component’s image says which: ${Object.values(
      pins,
    )
      .map(({ reference }) => reference)
      .join(', ')}`,
    'Correct the component’s tag in the deployment file, or name the chart without {version}',
  );
}

const PLAIN = ['--plain-http'];

/** A registry on this machine is asked without TLS, as Docker does it; helm 4 would insist. */
function isOfThisMachine(url: string): boolean {
  return /^oci:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?\//.test(url);
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
    'Correct target helm chart in the deployment file; offline, a bundle may bring a packed chart of that file name',
  );
}
