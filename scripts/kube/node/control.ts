import { once } from 'node:events';
import { createServer } from 'node:http';
import { partNames } from '../parts.ts';
import type { PartName } from '../parts.ts';
import type { Supervisor } from './supervisor.ts';

/** Stops and starts parts for whoever may open the socket: see `parts.ts` for the other end. */
export async function serveControl(
  socket: string,
  supervisor: Supervisor<PartName>,
  untilServes: (part: PartName) => Promise<void>,
): Promise<void> {
  const act = async (method: string, url: URL): Promise<void> => {
    const [, name, verb] = url.pathname.split('/');
    if (method === 'GET') return;
    const part = partNames.find((candidate) => candidate === name);
    if (part === undefined) throw new Error(`the cluster has no part ${name ?? ''}`);
    if (verb === 'stop') {
      const isCrash = url.searchParams.get('signal') === 'SIGKILL';
      await supervisor.stop(part, isCrash ? 'SIGKILL' : 'SIGTERM');
    } else {
      supervisor.start(part);
      await untilServes(part);
    }
  };
  const states = () =>
    Object.fromEntries(partNames.map((name) => [name, supervisor.isRunning(name)]));
  const server = createServer((asked, answer) => {
    const url = new URL(asked.url ?? '/', 'http://control');
    act(asked.method ?? 'GET', url).then(
      () => answer.end(JSON.stringify({ states: states() })),
      (error: unknown) => answer.end(JSON.stringify({ error: String(error) })),
    );
  });
  server.listen(socket);
  await once(server, 'listening');
}
