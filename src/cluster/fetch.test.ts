import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { BelayError } from '../domain/errors.ts';
import { fetchImages, locateImages } from './fetch.ts';

const core = { listNode: () => Promise.resolve({ items: [] }) } as unknown as CoreV1Api;
const context = { signal: new AbortController().signal, progress: () => undefined };
const source = { from: 'registry' } as const;
const pushed = { environment: {} };
const imported = { ...pushed, importCommand: ['import-images'] };

/** Runs `body` with a registry that answers everything with `status`; gone, if it is undefined. */
async function onRegistry(status: number | undefined, body: (reference: string) => Promise<void>) {
  const server = createServer((_, response) => response.writeHead(status ?? 500).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((resolve) => server.close(resolve));
  if (status === undefined) await close();
  try {
    await body(`127.0.0.1:${port}/shop/app:1.2.2`);
  } finally {
    if (status !== undefined) await close();
  }
}

describe('what no registry has', () => {
  it.each([
    ['pushed, and is not there', pushed, 404, 'request', 'image-not-found', 'Check the version'],
    ['pushed, while it is away', pushed, undefined, 'environment', 'registry-unreachable', 'See'],
    ['imported, and is not there', imported, 404, 'request', 'bundle-needed', 'Name a bundle'],
    ['imported, and is denied', imported, 403, 'request', 'bundle-needed', 'Name a bundle'],
    ['imported, and is away', imported, undefined, 'environment', 'registry-unreachable', 'See'],
  ] as const)('is told with what helps: %s', (_, way, status, fault, code, remedy) =>
    onRegistry(status, async (reference) => {
      const located = locateImages({ core }, { app: { reference } }, source, way, context);
      const failed = await located.catch((error: unknown) => error);
      expect(failed).toMatchObject({
        fault,
        code,
        remedy: expect.stringContaining(remedy) as string,
      });
      const said = failed instanceof BelayError ? `${failed.message} ${failed.remedy}` : '';
      expect(said.includes('--bundle FILE')).toBe(way === imported);
    }),
  );

  it('is not asked for again where the plan names no digest of it', () =>
    onRegistry(undefined, async (reference) => {
      const pin = { reference, imageId: `sha256:${'a'.repeat(64)}` };
      await fetchImages({ core }, { app: pin }, source, pushed, context);
      const digested = { app: { ...pin, digest: pin.imageId } };
      await expect(fetchImages({ core }, digested, source, pushed, context)).rejects.toMatchObject({
        code: 'registry-unreachable',
      });
    }));
});
