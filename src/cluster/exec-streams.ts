/**
 * Streams of a command that runs in a container.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { PassThrough, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { RunOptions } from '../domain/act.ts';

/** More output than this in memory is cut (bytes). */
const MAX_OUTPUT = 8 * 1024 * 1024;
/** Until an ended command's last output has arrived (ms). */
const DRAIN_MS = 2_000;

/**
 * The variables, then the file, as stdin; null: there is none. Without a file it stays open: to end it would end the
 * whole connection on servers before 1.30.
 */
export function stdinOf(
  variables: readonly (readonly [string, string])[],
  file: string | undefined,
): Readable | null {
  const head = Buffer.from(variables.map(([name, value]) => `${name}\n${value}\n`).join(''));
  if (file === undefined) {
    if (variables.length === 0) return null;
    const stream = new PassThrough();
    stream.write(head);
    return stream;
  }
  return Readable.from(
    (async function* () {
      if (head.length > 0) yield head;
      yield* createReadStream(file) as AsyncIterable<Buffer>;
    })(),
  );
}

/** What the client's connection lets us do, so that a slow disk does not fill the memory. */
interface Pausable {
  pause?: () => void;
  resume?: () => void;
}

/** Where a command's output goes. */
export interface Sink {
  readonly stream: Writable;
  end(): Promise<void>;
  text(): string;
  throttles(connection: object): void;
}

/** Into memory, cut at 8 MB. */
export function collector(): Sink {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (size < MAX_OUTPUT) chunks.push(chunk.subarray(0, MAX_OUTPUT - size));
      size += chunk.length;
      done();
    },
  });
  return {
    stream,
    end: () => settled(stream),
    text: () => Buffer.concat(chunks).toString('utf8'),
    throttles: () => undefined,
  };
}

/** Into a file (0600), as fast as the disk takes it. */
export function fileSink({ stdoutFile = '', onBytes }: RunOptions): Sink {
  const file = createWriteStream(stdoutFile, { mode: 0o600, flags: 'w' });
  const stream = new PassThrough();
  let bytes = 0;
  let connection: Pausable = {};
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    onBytes?.(bytes);
    if (!file.write(chunk)) {
      connection.pause?.();
      file.once('drain', () => connection.resume?.());
    }
  });
  stream.once('end', () => file.end());
  return {
    stream,
    end: async () => {
      await settled(stream);
      if (!file.writableEnded) file.end();
      await finished(file);
    },
    text: () => '',
    throttles: (opened) => {
      connection = opened;
    },
  };
}

/** The client ends the stream with the status; where it did not, there is nothing more to come. */
async function settled(stream: Writable): Promise<void> {
  if (!stream.writableEnded) stream.end();
  const timer = new Promise<void>((resolve) => {
    setTimeout(resolve, DRAIN_MS).unref();
  });
  await Promise.race([finished(stream, { readable: false }), timer]);
}
