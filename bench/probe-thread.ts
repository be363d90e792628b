/**
 * The thread that asks the health endpoint every 10 ms until it is told to stop. A thread of its own,
 * because a busy main thread would look like an outage.
 */
import { get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { Probe } from './outage.ts';

const EVERY_MS = 10;
const GIVE_UP_MS = 500;

const answerSchema = z.object({ status: z.literal('ok'), version: z.string() });
const { url } = z.object({ url: z.url() }).parse(workerData);

const ended: Probe[] = [];
const running = new Set<Promise<void>>();

const timer = setInterval(() => {
  const asked = ask().finally(() => running.delete(asked));
  running.add(asked);
}, EVERY_MS);

parentPort?.once('message', () => {
  clearInterval(timer);
  void Promise.all(running).then(() => parentPort?.postMessage(ended));
});

async function ask(): Promise<void> {
  const sentAtMs = performance.now();
  const version = await healthyVersion().catch(() => undefined);
  ended.push({ sentAtMs, endedAtMs: performance.now(), version });
}

/** A connection of its own for every question: one that is kept alive would outlive what it asks. */
function healthyVersion(): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(GIVE_UP_MS);
    const request = get(url, { agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode === 200 ? versionIn(text) : undefined));
    });
    request.on('error', reject);
  });
}

function versionIn(text: string): string | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(text)).data?.version;
  } catch {
    return undefined;
  }
}
