import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '../../domain/target.ts';
import { openClaims } from './claim.ts';
import { claimPath } from './claim-file.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'belay-claim-')), '.belay');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

const pins = { app: { reference: 'a:1', imageId: 'sha256:1' } };
const claim = (runId: string): Claim => ({
  deployment: 'acme',
  operation: 'upgrade',
  engine: 'e/default',
  workflowId: 'deployment/acme',
  runId,
  planDigest: 'd',
  fromVersion: '1',
  toVersion: '2',
  fromPins: pins,
  toPins: pins,
  startedAt: '2026-01-01T00:00:00.000Z',
  children: [],
});
const child = (pgid: number) => ({ pgid, startTicks: '1', program: 'docker' });

describe('the claim', () => {
  test('is written whole, for its owner alone, and leaves nothing else', async () => {
    const claims = openClaims(folder);
    await claims.claim(claim('r1'));
    expect((await stat(claimPath(folder))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await readdir(folder)).sort()).toEqual(['.gitignore', 'operation.json']);
    expect(await claims.read()).toEqual(claim('r1'));
    await claims.claim(claim('r1'));
    await claims.release('r1');
    await claims.release('r1');
    expect(await claims.read()).toBeUndefined();
  });

  test('of twenty at once one wins; the others hear whose it is', async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => openClaims(folder).claim(claim(`r${i}`))),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = attempts.find((attempt) => attempt.status === 'rejected');
    expect(lost?.reason).toMatchObject({ fault: 'claim', code: 'claim-foreign' });
    expect(String(lost?.reason)).toMatch(
      /upgrade 1 → 2 of acme, run r\d+ of e\/default, since 2026/,
    );
  });

  test('another run may neither check, note, take over from a third, nor release it', async () => {
    const claims = openClaims(folder);
    await claims.claim(claim('r1'));
    const foreign = { fault: 'claim', code: 'claim-foreign' };
    await expect(claims.check('r2')).rejects.toMatchObject(foreign);
    await expect(claims.noteBackup('r2', '/b')).rejects.toMatchObject(foreign);
    await expect(claims.release('r2')).rejects.toMatchObject(foreign);
    await expect(claims.takeOver(claim('r3'), 'r2')).rejects.toMatchObject(foreign);
    expect(await claims.check('r1')).toEqual(claim('r1'));
  });

  test('of two that take over one wins, and keeps pins and backup', async () => {
    const claims = openClaims(folder);
    await claims.claim(claim('r1'));
    await claims.noteBackup('r1', '/b/1');
    const both = await Promise.allSettled(
      ['r2', 'r3'].map((runId) => openClaims(folder).takeOver(claim('r1'), runId)),
    );
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const taken = both.find((each) => each.status === 'fulfilled')?.value;
    expect(taken).toEqual({ ...claim(taken?.runId ?? ''), backup: '/b/1' });
    expect(await claims.takeOver(claim('r1'), taken?.runId ?? '')).toEqual(taken);
  });

  test('children noted at once are all noted', async () => {
    const claims = openClaims(folder);
    await claims.claim(claim('r1'));
    await Promise.all([1, 2, 3, 4].map((pgid) => openClaims(folder).addChild(child(pgid))));
    await claims.removeChild(child(2));
    const pgids = (await claims.read())?.children.map(({ pgid }) => pgid).sort();
    expect(pgids).toEqual([1, 3, 4]);
  });

  test('gone while it was ours is not fine', async () => {
    await expect(openClaims(folder).check('r1')).rejects.toMatchObject({ code: 'claim-lost' });
  });

  test.each(['', '{', '[]', '{"runId":"r1"}'])('damaged: %j', async (text) => {
    const claims = openClaims(folder);
    await claims.claim(claim('r1'));
    await writeFile(claimPath(folder), text);
    const damaged = { fault: 'claim', code: 'claim-damaged' };
    await expect(claims.read()).rejects.toMatchObject(damaged);
    await expect(claims.claim(claim('r1'))).rejects.toMatchObject(damaged);
    await expect(claims.release('r1')).rejects.toMatchObject(damaged);
  });
});
