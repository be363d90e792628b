/** The engine goes away in the middle of a swap and comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Pins } from '../../src/domain/target.ts';
import { deployCompose, REPOSITORY, type ComposeDeployed } from './compose-project.ts';
import { PrivateEngine } from './private-engine.ts';
import { claimOf, pinsOf, quiet } from './arrange.ts';
import { pushTinyImage } from './tiny-image.ts';

let engine: PrivateEngine;
let deployed: ComposeDeployed;
let pins: { from: Pins; to: Pins };
beforeAll(async () => {
  await pushTinyImage(`${REPOSITORY}:1`, '1');
  await pushTinyImage(`${REPOSITORY}:2`, '2');
  engine = await PrivateEngine.start();
});
afterAll(() => engine.dispose());
beforeEach(async () => {
  await engine.up();
  const host = engine.host;
  deployed = await deployCompose({ style: 'literal', stopsInSeconds: 1, host });
  pins = await pinsOf(deployed);
  await deployed.target().claim(claimOf('run', pins));
  await deployed.target().fetch(pins.to, { from: 'registry' }, pins.from, quiet());
});
afterEach(() => deployed.dispose());

const GONE = ['engine-missing', 'engine-unreachable', 'up-interrupted', 'swap-incomplete'];

describe.each(['SIGTERM', 'SIGKILL'] as const)('%s of the engine', (signal) => {
  test.each([150, 700, 1_300])('%i ms into the swap', async (moment) => {
    const swapping = deployed
      .target()
      .swap({ pins: pins.to }, 'run', quiet())
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    await sleep(moment);
    await engine.down(signal);
    const failed = await swapping;
    if (failed !== undefined) {
      expect(failed).toMatchObject({ fault: 'environment' });
      expect(GONE).toContain((failed as { code: string }).code);
    }
    await expect(deployed.target().look(quiet())).rejects.toMatchObject({ fault: 'environment' });
    await engine.up();
    const seen = await deployed.target().swap({ pins: pins.to }, 'run', quiet());
    expect(await deployed.containers()).toEqual(['PROJECT-web-1 running']);
    expect(await deployed.serving()).toBe('2');
    expect(Date.parse(seen.engineStartedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
  });
});
