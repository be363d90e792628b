import { describe, expect, it } from 'vitest';
import { stoppedByEngine } from './stopped-by-engine.ts';
import type { Instance, Pins } from './target.ts';

const pins: Pins = { app: { reference: 'app:2', imageId: 'sha256:2' } };
const instance: Instance = {
  id: 'c',
  name: 'acme-app-1',
  state: 'exited',
  imageId: 'sha256:2',
  reference: 'app:2',
  restarts: 0,
  createdAt: '2026-01-01T10:00:00Z',
  startedAt: '2026-01-01T10:00:00Z',
  exitCode: 137,
};
const after = '2026-01-01T10:05:00Z';

describe('stoppedByEngine', () => {
  it.each([
    ['one that ran before the engine started', {}, after, 'acme-app-1'],
    ['one that exited by itself since', { startedAt: '2026-01-01T10:06:00Z' }, after, undefined],
    ['one that runs', { state: 'running' }, after, undefined],
    ['an engine whose start is not known', {}, undefined, undefined],
  ] as const)('%s', (_, change, engineStartedAt, found) => {
    const look = {
      instances: { app: [{ ...instance, ...change }], db: [instance] },
      ...(engineStartedAt && { engineStartedAt }),
    };
    expect(stoppedByEngine(look, pins)).toBe(found);
  });

  it('minds only the pinned components', () => {
    const look = { instances: { db: [instance] }, engineStartedAt: after };
    expect(stoppedByEngine(look, pins)).toBeUndefined();
  });
});
