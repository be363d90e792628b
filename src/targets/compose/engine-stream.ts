/**
 * The engine's streams of events (one JSON object a line), read to the end: an error may be any of them.
 */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { parseJson } from '../../domain/parse-json.ts';

const eventSchema = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  stream: z.string().optional(),
  progressDetail: z
    .object({ current: z.number().optional(), total: z.number().optional() })
    .optional(),
  error: z.string().optional(),
});

/** One event. */
export type EngineEvent = z.infer<typeof eventSchema>;

/** Calls `onEvent` for each event; returns the first error among them, if any. Rejects when the stream breaks. */
export async function readEvents(
  stream: Readable,
  onEvent: (event: EngineEvent) => void,
): Promise<string | undefined> {
  let failed: string | undefined;
  const hear = (line: string) => {
    const parsed = eventSchema.safeParse(parseJson(line));
    if (!parsed.success) return;
    failed ??= parsed.data.error;
    onEvent(parsed.data);
  };
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(hear);
  }
  hear(rest);
  return failed;
}

/** Bytes of all layers together, as far as the engine has said. */
export interface LayerBytes {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** What the engine does now, for people. */
  readonly detail: string;
}

/** Adds up the layers of a pull. */
export function createLayerSum(): (event: EngineEvent) => LayerBytes {
  const layers = new Map<string, { done: number; total: number; complete: boolean }>();
  return ({ id, status, progressDetail }) => {
    if (id !== undefined && status !== undefined) {
      const before = layers.get(id) ?? { done: 0, total: 0, complete: false };
      if (status === 'Downloading' && progressDetail?.current !== undefined)
        layers.set(id, {
          ...before,
          done: progressDetail.current,
          total: progressDetail.total ?? 0,
        });
      if (status === 'Download complete' || status === 'Verifying Checksum')
        layers.set(id, { ...before, done: before.total });
      if (status === 'Pulling fs layer' || status === 'Waiting') layers.set(id, before);
      if (status === 'Pull complete' || status === 'Already exists')
        layers.set(id, { ...before, done: before.total, complete: true });
    }
    const all = [...layers.values()];
    const complete = all.filter((layer) => layer.complete).length;
    return {
      doneBytes: all.reduce((sum, { done }) => sum + done, 0),
      totalBytes: all.reduce((sum, { total }) => sum + total, 0),
      detail: `${complete} of ${all.length} layers`,
    };
  };
}
