/** The contract on real Docker, and what only Compose can get wrong. */
import { beforeAll, describe, expect, test } from 'vitest';
import { deployCompose, REPOSITORY } from './compose-project.ts';
import { claimOf, pinsOf, quiet, targetContract } from './target.contract.ts';
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
    const { readFile, writeFile } = await import('node:fs/promises');
    const deployed = await deployCompose({ style: 'literal' });
    try {
      const text = await readFile(deployed.composeFile, 'utf8');
      await writeFile(deployed.composeFile, `${text}      OTHER: '1'\n`);
      const { components } = await deployed.target().observe(quiet());
      expect(components['web']?.drift).toMatch(
        /files were changed since PROJECT|files were changed/,
      );
    } finally {
      await deployed.dispose();
    }
  });

  test('a person’s edit of the image during the operation is left alone', async () => {
    const { readFile, writeFile } = await import('node:fs/promises');
    const deployed = await deployCompose({ style: 'literal' });
    try {
      const pins = await pinsOf(deployed);
      await deployed.target().claim(claimOf('run', pins));
      const text = (await readFile(deployed.composeFile, 'utf8')).replace(":1'", ":mine'");
      await writeFile(deployed.composeFile, text);
      await expect(deployed.target().swap(pins.to, 'run', quiet())).rejects.toMatchObject({
        fault: 'request',
        code: 'declared-changed',
      });
      expect(await readFile(deployed.composeFile, 'utf8')).toBe(text);
    } finally {
      await deployed.dispose();
    }
  });
});
