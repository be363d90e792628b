import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * The image that holds every pod's network: a static busybox that sleeps. It is the only image that
 * is put into the node; all others are pulled.
 *
 * @returns an archive as `ctr images import` reads it.
 */
export async function createPauseImage(name: string, busybox: string): Promise<Buffer> {
  const layer = await tar({ busybox: readFileSync(busybox) }, 0o755);
  const config = JSON.stringify({
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    config: { Entrypoint: ['/busybox', 'sleep', '2147483647'], User: '65535:65535' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created_by: 'belay' }],
  });
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  return tar({
    'config.json': Buffer.from(config),
    'layer.tar': layer,
    'manifest.json': Buffer.from(JSON.stringify(manifest)),
  });
}

function tar(files: Readonly<Record<string, Buffer>>, mode = 0o644): Promise<Buffer> {
  const archive = pack();
  for (const [name, bytes] of Object.entries(files)) {
    archive.entry({ name, mode, mtime: new Date(0) }, bytes);
  }
  archive.finalize();
  return buffer(archive);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
