import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChartSource, HelmSettings } from '../../domain/deployment.ts';
import { chooseChart } from './chart.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-chart-'));
  await mkdir(join(folder, 'web-1.3.0'));
  await writeFile(join(folder, 'web-1.3.0', 'Chart.yaml'), 'name: web');
  await writeFile(join(folder, 'web.tgz'), '');
  await mkdir(join(folder, 'empty'));
});
afterAll(() => rm(folder, { recursive: true }));

const settings = (chart: ChartSource): HelmSettings => ({
  kind: 'helm',
  directory: '/site',
  cluster: { namespace: 'shop' },
  neighbours: {},
  rollout: { maxRestarts: 2, graceMs: 1, progressMs: 1 },
  release: 'web',
  chart,
  values: [],
  set: {},
  versionValues: {},
  program: 'helm',
  timeoutMs: 1,
  hooksOnRollback: true,
});
const components = { web: { image: 'example.com/web', tag: 'v{version}' } };
const choose = (chart: ChartSource, reference = 'example.com/web:v1.3.0') =>
  chooseChart(settings(chart), components, { web: { reference, imageId: 'sha256:a' } });

describe('the chart of a version', () => {
  it('is a folder or a file, with the version in its name', async () => {
    const chart = await choose({ from: 'path', path: join(folder, 'web-{version}') });
    expect(chart).toEqual({ chart: join(folder, 'web-1.3.0'), args: [] });
    const file = join(folder, 'web.tgz');
    expect(await choose({ from: 'path', path: file })).toEqual({ chart: file, args: [] });
  });

  it.each<[string, ChartSource, string, readonly string[]]>([
    [
      'a registry',
      { from: 'oci', url: 'oci://example.com/charts/web', version: '{version}' },
      'oci://example.com/charts/web',
      ['--version', '1.3.0'],
    ],
    [
      'a registry on this machine, without TLS',
      { from: 'oci', url: 'oci://127.0.0.1:5000/web', version: '2.0.0' },
      'oci://127.0.0.1:5000/web',
      ['--version', '2.0.0', '--plain-http'],
    ],
    [
      'a repository',
      { from: 'repository', url: 'https://example.com', name: 'web', version: '{version}' },
      'web',
      ['--repo', 'https://example.com', '--version', '1.3.0'],
    ],
  ])('is named as helm takes it: %s', async (_, source, chart, args) => {
    expect(await choose(source)).toEqual({ chart, args });
  });

  it('is refused where there is none', async () => {
    const missing = { fault: 'request', code: 'chart-not-found' };
    await expect(choose({ from: 'path', path: join(folder, 'none') })).rejects.toMatchObject({
      ...missing,
      message: `The chart ${join(folder, 'none')} does not exist`,
    });
    await expect(choose({ from: 'path', path: join(folder, 'empty') })).rejects.toMatchObject({
      ...missing,
      message: `${join(folder, 'empty')} is no chart: it has no Chart.yaml`,
    });
  });

  it('is refused when no image says which version it is', async () => {
    const path = join(folder, 'web-{version}');
    await expect(choose({ from: 'path', path }, 'example.com/web:latest')).rejects.toMatchObject({
      code: 'chart-version-unknown',
      message: expect.stringContaining('example.com/web:latest') as unknown,
    });
  });
});
