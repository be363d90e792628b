/**
 * Offline, the chart may come with the images: as a file of the bundle that is called as the deployment file says.
 */
import { createHash } from 'node:crypto';
import { link, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { failure } from '../../domain/errors.ts';
import type { ImageSource, Pins } from '../../domain/target.ts';
import { extractFromBundle } from '../../images/bundled-file.ts';
import { chartPath } from './chart.ts';
import type { Scope } from './scope.ts';

/**
 * Runs `use` with a scope whose chart is the bundle's, if it brings one; nothing is changed where the chart belongs.
 *
 * @throws BelayError `chart-differs`, `bundle-…` (request).
 */
export async function withBundledChart<T>(
  scope: Scope,
  pins: Pins,
  source: ImageSource,
  signal: AbortSignal,
  use: (scope: Scope) => Promise<T>,
): Promise<T> {
  const path = chartPath(scope.settings, scope.components, pins);
  // Only a packed chart is a file that a bundle can have.
  if (source.from !== 'bundle' || !path?.endsWith('.tgz')) return use(scope);
  const folder = await mkdtemp(join(tmpdir(), 'belay-chart-'));
  try {
    const copy = join(folder, basename(path));
    const digest = await extractFromBundle(source.path, basename(path), copy, signal);
    if (digest === undefined) return await use(scope);
    await refuseOther(path, digest, source.path);
    const settings = { ...scope.settings, chart: { from: 'path', path: copy } as const };
    return await use({ ...scope, settings, declaredChart: path });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Puts the bundle's chart, if it brings one, where the deployment file says; one that is there already is compared.
 *
 * @throws BelayError `chart-differs`, `bundle-…` (request).
 */
export async function placeBundledChart(
  scope: Scope,
  pins: Pins,
  source: ImageSource,
  signal: AbortSignal,
): Promise<void> {
  const path = chartPath(scope.settings, scope.components, pins);
  if (source.from !== 'bundle' || !path?.endsWith('.tgz')) return;
  await mkdir(dirname(path), { recursive: true });
  // In the same folder, for a link can't leave its file system.
  const folder = await mkdtemp(join(dirname(path), '.belay-chart-'));
  try {
    const copy = join(folder, basename(path));
    const digest = await extractFromBundle(source.path, basename(path), copy, signal);
    if (digest === undefined) return;
    // Whole or not at all, and never over another.
    await link(copy, path).catch(async (error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      await refuseOther(path, digest, source.path);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuseOther(path: string, digest: string, bundle: string): Promise<void> {
  const there = await readFile(path).catch(() => undefined);
  if (!there) return;
  const found = `sha256:${createHash('sha256').update(there).digest('hex')}`;
  if (found === digest) return;
  throw failure(
    'request',
    'chart-differs',
    `The chart ${path} (${found}) is another than the one of that name in the bundle ${bundle} (${digest})`,
    `Find out which is the right one, and move the other away`,
  );
}
