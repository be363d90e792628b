/** Stands before an API server, passes everything on, and remembers who asked when. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';

/** One request. */
export interface Call {
  readonly atMs: number;
  /** The client's name for itself. */
  readonly agent: string;
  readonly what: string;
}

/** A proxy on the loopback interface. */
export interface ApiProxy {
  /** The requests since the last time this was asked. */
  take(): readonly Call[];
  close(): void;
}

/**
 * Starts a proxy with the rights of `kubeconfig`, and writes `through`, a kubeconfig that leads to it.
 *
 * @throws Error when the kubeconfig names no cluster, or `through` is there already.
 */
export async function startApiProxy(kubeconfig: string, through: string): Promise<ApiProxy> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const address = new URL(config.getCurrentCluster()?.server ?? '');
  const options: RequestOptions = {
    host: address.hostname,
    port: address.port,
  };
  await config.applyToHTTPSOptions(options);
  const { headers: own, ...rights } = options;
  const calls: Call[] = [];
  const passedOn = ({ method = 'GET', url = '/', headers }: IncomingMessage): RequestOptions => {
    const agent = headers['user-agent'] ?? '';
    calls.push({ atMs: Date.now(), agent, what: `${method} ${url}` });
    return { ...rights, method, path: url, headers: Object.assign({}, own, headers) };
  };
  const server = createServer((asked, answer) => pass(asked, answer, passedOn(asked)));
  server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) =>
    passStream(socket, head, passedOn(asked)),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await writeFile(through, kubeconfigFor(`http://127.0.0.1:${port}`), { flag: 'wx', mode: 0o600 });
  return {
    take: () => calls.splice(0),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function pass(asked: IncomingMessage, answer: ServerResponse, options: RequestOptions): void {
  const onward = request(options, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  answer.on('close', () => onward.destroy());
  asked.pipe(onward);
}

/** A command in a pod, or a forwarded port: a connection that stays and changes its protocol. */
function passStream(socket: Duplex, head: Buffer, options: RequestOptions): void {
  const onward = request(options);
  onward.on('upgrade', (response, onwardSocket, onwardHead) => {
    const lines = Object.entries(response.headers).map(
      ([name, value]) => `${name}: ${String(value)}`,
    );
    socket.write(['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n'));
    if (onwardHead.length > 0) socket.write(onwardHead);
    if (head.length > 0) onwardSocket.write(head);
    socket.pipe(onwardSocket).pipe(socket);
    onwardSocket.on('error', () => socket.destroy());
    socket.on('error', () => onwardSocket.destroy());
  });
  onward.on('response', () => socket.destroy());
  onward.on('error', () => socket.destroy());
  onward.end();
}

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: {} }],
  });
}
