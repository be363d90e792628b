/** Rewrites a `docker save` archive as other engines would have written it. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';

interface Manifest {
  Config: string;
  RepoTags: string[];
  Layers: string[];
}

/** What to change. */
export interface Reshaping {
  /** Blobs named by their digests, as engines since 25 write them. */
  readonly layout?: 'oci';
  /** Another platform in the configuration, with a digest that is right. */
  readonly architecture?: string;
  /** One more member of this name. */
  readonly extra?: string;
}

/** The archive, rewritten. */
export async function reshape(archive: Buffer, change: Reshaping): Promise<Buffer> {
  const members = await read(archive);
  const [manifest] = JSON.parse(String(members.get('manifest.json'))) as [Manifest];
  const config = JSON.parse(String(members.get(manifest.Config))) as Record<string, unknown>;
  const changed = change.architecture ? { ...config, architecture: change.architecture } : config;
  const configBytes = change.architecture
    ? Buffer.from(JSON.stringify(changed))
    : (members.get(manifest.Config) ?? Buffer.alloc(0));
  const name = (bytes: Buffer, ending: string) => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    return change.layout === 'oci' ? `blobs/sha256/${hex}` : `${hex}${ending}`;
  };
  const layers = manifest.Layers.map((layer) => members.get(layer) ?? Buffer.alloc(0));
  const renamed: Manifest = {
    Config: name(configBytes, '.json'),
    RepoTags: manifest.RepoTags,
    Layers: layers.map((bytes) => name(bytes, '/layer.tar')),
  };
  const tar = pack();
  if (change.layout === 'oci') tar.entry({ name: 'oci-layout' }, '{"imageLayoutVersion":"1.0.0"}');
  tar.entry({ name: renamed.Config }, configBytes);
  layers.forEach((bytes, i) => tar.entry({ name: renamed.Layers[i] ?? '' }, bytes));
  if (change.extra !== undefined) tar.entry({ name: change.extra }, 'x');
  tar.entry({ name: 'manifest.json' }, JSON.stringify([renamed]));
  tar.finalize();
  return buffer(tar);
}

async function read(archive: Buffer): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>();
  const sink = extract();
  const fed = pipeline(Readable.from([archive]), sink);
  for await (const entry of sink) members.set(entry.header.name, await buffer(entry));
  await fed;
  return members;
}
