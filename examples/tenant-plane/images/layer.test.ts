import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { createLayer } from './layer.ts';
import type { Entry, Layer } from './layer.ts';

const entries: readonly Entry[] = [
  { kind: 'file', path: '/app/a/run', content: 'one', mode: 0o755 },
  { kind: 'directory', path: '/app', mode: 0o700, owner: 999 },
  { kind: 'link', path: '/bin/sh', target: '/bin/busybox' },
];

async function headersIn({ tar }: Layer): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const archive = extract();
  Readable.from([tar]).pipe(archive);
  for await (const entry of archive) {
    const { name, type, mode, uid, linkname } = entry.header;
    found[name] = [type, mode.toString(8), uid, linkname].filter(Boolean).join(' ');
    entry.resume();
  }
  return found;
}

describe('createLayer', () => {
  it('packs files, links and folders, implied ones too, parents first', async () => {
    const layer = await createLayer('test', entries);
    const headers = await headersIn(layer);
    expect(headers).toEqual({
      app: 'directory 700 999',
      'app/a': 'directory 755',
      'app/a/run': 'file 755',
      bin: 'directory 755',
      'bin/sh': 'symlink 777 /bin/busybox',
    });
    expect(Object.keys(headers)).toEqual([...Object.keys(headers)].sort());
  });

  it('gives equal digests for equal contents in any order, and others for others', async () => {
    const layer = await createLayer('test', entries);
    const same = await createLayer('test', entries.toReversed());
    const other = await createLayer('test', entries.slice(1));
    expect(same.digest).toBe(layer.digest);
    expect(other.digest).not.toBe(layer.digest);
  });
});
