import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from '../contract/docker.ts';
import { pushTinyImage } from '../contract/tiny-image.ts';
import { REPOSITORY } from './tiny-chart.ts';

/**
 * A bundle of an image whose tag no registry has. Its content is new: a node that has the same image under another digest
 * of the same repository reports that one.
 */
export async function newBundle() {
  const folder = await mkdtemp(join(tmpdir(), 'belay-bundle-'));
  const tag = `b${randomBytes(4).toString('hex')}`;
  const reference = `${REPOSITORY}:${tag}`;
  const elsewhere = `127.0.0.1:5000/belay-bundles/source:${tag}`;
  const path = join(folder, 'bundle.tar');
  await pushTinyImage(elsewhere, '2');
  await docker(['tag', elsewhere, reference]);
  await docker(['save', '--output', path, reference]);
  const id = await docker(['image', 'inspect', '--format', '{{.Id}}', reference]);
  await docker(['image', 'rm', reference, elsewhere]);
  return {
    folder,
    reference,
    source: { from: 'bundle', path } as const,
    imageId: id.toString().trim(),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
