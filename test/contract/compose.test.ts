/** The contract on real Docker, and what only Compose can get wrong. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/stack/free-port.ts';
import { deployCompose, REPOSITORY } from './compose-project.ts';
import { claimOf, pinsOf, quiet } from './arrange.ts';
import { docker } from './docker.ts';
import { targetContract } from './target.contract.ts';
import { pushTinyImage } from './tiny-image.ts';

beforeAll(async () => {
  await pushTinyImage(`${REPOSITORY}:1`, '1');
  await pushTinyImage(`${REPOSITORY}:2`, '2');
});

targetContract('compose with a literal image', {
  deploy: () => deployCompose({ style: 'literal' }),
});
targetContract('compose with a variable in .env', {
  deploy: () => deployCompose({ style: 'env' }),
});

describe('compose', () => {
  test('an edit that someone made since the start is drift', async () => {
    const deployed = await deployCompose({ style: 'literal' });
    try {
      const text = await readFile(deployed.composeFile, 'utf8');
      await writeFile(deployed.composeFile, `${text}      OTHER: '1'\n`);
      const { components } = await deployed.target().observe(quiet());
      expect(components['web']?.drift).toMatch(/the files were changed since/);
    } finally {
      await deployed.dispose();
    }
  });

  test('a person’s edit of the image during the operation is left alone', async () => {
    const deployed = await deployCompose({ style: 'literal' });
    try {
      const pins = await pinsOf(deployed);
      await deployed.target().claim(claimOf('run', pins));
      const text = (await readFile(deployed.composeFile, 'utf8')).replace(":1'", ":mine'");
      await writeFile(deployed.composeFile, text);
      await expect(deployed.target().swap({ pins: pins.to }, 'run', quiet())).rejects.toMatchObject(
        {
          fault: 'request',
          code: 'declared-changed',
        },
      );
      expect(await readFile(deployed.composeFile, 'utf8')).toBe(text);
    } finally {
      await deployed.dispose();
    }
  });

  test('an image that can’t be started is the release’s fault, and the way back is open', async () => {
    await pushTinyImage(`${REPOSITORY}:broken`, 'broken', '/no/such/program');
    const deployed = await deployCompose({ style: 'literal' });
    try {
      const pins = await pinsOf({ ...deployed, to: `${REPOSITORY}:broken` });
      const target = deployed.target();
      await target.claim(claimOf('run', pins));
      await target.fetch(pins.to, { from: 'registry' }, pins.from, quiet());
      const failed = target.swap({ pins: pins.to }, 'run', quiet());
      await expect(failed).rejects.toMatchObject({ fault: 'release', code: 'up-failed' });
      await expect(failed).rejects.toThrow(/no such file or directory/);
      await target.swap({ pins: pins.from }, 'run', quiet());
      expect(await deployed.containers()).toEqual(['PROJECT-web-1 running']);
      expect(await deployed.serving()).toBe('1');
    } finally {
      await deployed.dispose();
    }
  });

  test('a port that something else took is the environment’s fault, and the swap goes on when it is free', async () => {
    const port = await freePort();
    const deployed = await deployCompose({ style: 'literal', port });
    const stranger = createServer();
    try {
      const pins = await pinsOf(deployed);
      const target = deployed.target();
      await target.claim(claimOf('run', pins));
      await target.fetch(pins.to, { from: 'registry' }, pins.from, quiet());
      await docker(['stop', '--time', '0', `${deployed.settings.project ?? ''}-web-1`]);
      stranger.listen(port, '127.0.0.1');
      await once(stranger, 'listening');
      const swap = () => target.swap({ pins: pins.to }, 'run', quiet());
      const failed = swap();
      await expect(failed).rejects.toMatchObject({ fault: 'environment', code: 'port-taken' });
      // Of which `status` shows the first line.
      const first = `^A port that web publishes is taken: Error response.* 127\\.0\\.0\\.1:${port}.* in use`;
      await expect(failed).rejects.toThrow(new RegExp(first));
      stranger.close();
      await once(stranger, 'close');
      await swap();
      expect(await deployed.serving()).toBe('2');
    } finally {
      stranger.close();
      await deployed.dispose();
    }
  });

  test('an image whose program exits at once is swapped in: judging is for others', async () => {
    await pushTinyImage(`${REPOSITORY}:exits`, 'exits', '/bin/false');
    const deployed = await deployCompose({ style: 'env' });
    try {
      const pins = await pinsOf({ ...deployed, to: `${REPOSITORY}:exits` });
      const target = deployed.target();
      await target.claim(claimOf('run', pins));
      await target.fetch(pins.to, { from: 'registry' }, pins.from, quiet());
      const seen = await target.swap({ pins: pins.to }, 'run', quiet());
      expect(seen.components['web']?.instances).toMatchObject([
        { imageId: pins.to['web']?.imageId },
      ]);
      // For some milliseconds of each restart it runs, and would take the command.
      const ran = () =>
        target.run('web', ['true'], 'inside', { timeoutMs: 5_000 }, quiet()).then(
          () => 'ran',
          (error: unknown) => error,
        );
      await expect.poll(ran, { timeout: 20_000 }).toMatchObject({ fault: 'release' });
      await target.swap({ pins: pins.from }, 'run', quiet());
      expect(await deployed.serving()).toBe('1');
    } finally {
      await deployed.dispose();
    }
  });
});
