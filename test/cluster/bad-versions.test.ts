/** Every bad version on a real cluster is taken back, and is told by what it does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSite } from '../../scripts/stack/cluster-site.ts';
import { expectServing, outcome, revisions, startSite } from './site.ts';

describe('bad versions', () => {
  let site: ClusterSite;
  const table: string[] = [];
  beforeAll(async () => {
    site = await startSite('kbad', {
      settings: {
        'health.timeout': '12s',
        'migrate.timeout': '20s',
        'target.helm.rollout': { progress: '45s' },
      },
    });
  });
  afterAll(async () => {
    await site.stop();
    // The table of docs/helm.md, as this run saw it.
    process.stdout.write(
      `\n| release | what it does | seen as | ending | exit |\n| --- | --- | --- | --- | --- |\n${table.join('')}`,
    );
  });

  it.each([
    ['1.3.1', 'exits at start', /restarted 2 times/],
    ['1.4.0-unhealthy', 'answers 503', /nothing moved|503/],
    ['1.4.0-wrongversion', 'reports the wrong version', /version/],
    ['1.4.0-hang', 'accepts and never answers', /nothing moved|restarted/],
    ['1.4.0-badmigration', 'fails its migration', /restarted 2 times/],
  ])('%s (%s) is rolled back', async (version, does, reason) => {
    const ended = await outcome(site, ['upgrade', 'kbad', '--to', version]);
    const [first] = ended.reasons;
    table.push(
      `| ${version} | ${does} | ${first?.code ?? ''} | ${ended.outcome} | ${ended.code ?? '?'} |\n`,
    );
    expect(ended).toMatchObject({
      outcome: 'rolled-back',
      serving: '1.2.2',
      proven: true,
      code: 3,
    });
    expect(ended.reasons.map(({ message }) => message).join('; ')).toMatch(reason);
    expect(ended.evidence.map((piece) => piece.name)).toEqual(
      expect.arrayContaining(['pods.txt', 'events.txt', 'helm-history.txt']),
    );
    await expectServing(site, '1.2.2');
  });

  it('a version without an image is refused before anything changes', async () => {
    const before = await revisions(site);
    const ended = await outcome(site, ['upgrade', 'kbad', '--to', '9.9.9']);
    expect(ended).toMatchObject({ code: 5, outcome: 'refused' });
    expect(ended.reasons[0]?.message).toMatch(/9\.9\.9/);
    expect(await revisions(site)).toEqual(before);
  });
});
