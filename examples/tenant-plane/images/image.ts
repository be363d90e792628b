import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import type { Layer } from './layer.ts';

/** How a container of an image runs; the part of an image's configuration that we set. */
export interface RunConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir: string;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
}

/** A whole image, ready to be loaded by an engine. */
export interface Image {
  readonly reference: string;
  readonly layers: readonly Layer[];
  readonly run: RunConfig;
  /** The date that `docker image ls` shows. */
  readonly created: string;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Writes images as one archive that `docker load` reads. A layer that several images share is in it
 * once.
 *
 * The archive is written directly, and not made by `docker build`, because it needs no builder in the
 * engine and gives the same digests whenever the same bytes go in.
 */
export function createArchive(images: readonly Image[]): AsyncIterable<unknown> {
  const archive = pack();
  const layers = new Map(
    images.flatMap(({ layers }) => layers.map((layer) => [layer.digest, layer])),
  );
  for (const layer of layers.values()) archive.entry({ name: layerName(layer) }, layer.tar);
  const manifest = images.map((image) => {
    const config = JSON.stringify(configOf(image));
    const name = `${createHash('sha256').update(config).digest('hex')}.json`;
    archive.entry({ name }, config);
    return { Config: name, RepoTags: [image.reference], Layers: image.layers.map(layerName) };
  });
  archive.entry({ name: 'manifest.json' }, JSON.stringify(manifest));
  archive.finalize();
  return archive;
}

function layerName({ digest }: Layer): string {
  return `${digest}.tar`;
}

function configOf({ layers, run, created }: Image): object {
  return {
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    created,
    config: run,
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
    history: layers.map(({ what }) => ({ created, created_by: what })),
  };
}
