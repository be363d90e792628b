import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createLayerSum, readEvents } from './engine-stream.ts';
import { demultiplex } from './log-frames.ts';
import { pullFailure } from './pull.ts';

describe('readEvents', () => {
  test('lines may be cut anywhere; an error may be any of them', async () => {
    const text = '{"status":"a"}\r\n{"error":"disk"}\n{"status":"b"}';
    const seen: (string | undefined)[] = [];
    const chunks = Array.from(Buffer.from(text), (byte) => Buffer.from([byte]));
    const error = await readEvents(Readable.from(chunks), ({ status }) => seen.push(status));
    expect(error).toBe('disk');
    expect(seen).toEqual(['a', undefined, 'b']);
  });

  test('a stream that breaks is no success', async () => {
    const broken = new Readable({
      read() {
        this.push('{"status":"a"}\n');
        this.destroy(new Error('socket hang up'));
      },
    });
    await expect(readEvents(broken, () => undefined)).rejects.toThrow('socket hang up');
  });
});

test('the layers of a pull add up', () => {
  const sum = createLayerSum();
  sum({ id: 'a', status: 'Pulling fs layer' });
  sum({ id: 'b', status: 'Downloading', progressDetail: { current: 10, total: 100 } });
  sum({ id: 'a', status: 'Downloading', progressDetail: { current: 5, total: 50 } });
  expect(sum({ id: 'c', status: 'Already exists' })).toEqual({
    doneBytes: 15,
    totalBytes: 150,
    detail: '1 of 3 layers',
  });
  sum({ id: 'b', status: 'Download complete' });
  expect(
    sum({ id: 'b', status: 'Extracting', progressDetail: { current: 1, total: 9 } }),
  ).toMatchObject({
    doneBytes: 105,
    totalBytes: 150,
  });
});

test.each([
  [
    'manifest for r/a@sha256:1 not found: manifest unknown: manifest unknown',
    'request',
    'image-changed',
  ],
  ['pull access denied for x, repository does not exist', 'request', 'image-denied'],
  [
    'no matching manifest for linux/amd64 in the manifest list entries',
    'request',
    'image-platform',
  ],
  ['write /var/lib/docker/tmp/x: no space left on device', 'environment', 'disk-full'],
  [
    'Get "http://127.0.0.1:5000/v2/": dial tcp: connect: connection refused',
    'environment',
    'registry-unreachable',
  ],
  [
    'received unexpected HTTP status: 503 Service Unavailable',
    'environment',
    'registry-unreachable',
  ],
])('%s', (said, fault, code) => expect(pullFailure('r/a:1', said)).toMatchObject({ fault, code }));

test('log frames', () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const bytes = Buffer.concat([frame(1, 'größe\n'), frame(2, 'err\n'), frame(1, 'cut off')]);
  expect(demultiplex(bytes.subarray(0, -4))).toBe('größe\nerr\ncut');
});
