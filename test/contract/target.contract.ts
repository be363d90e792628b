/** What every target keeps, driven on the real thing. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Target } from '../../src/targets/target.ts';
import { until } from '../stack/until.ts';
import { claimOf, pinsOf, quiet, wayBack, type Deployed } from './arrange.ts';

/** Gives deployments to test on. */
export interface Harness {
  readonly deploy: () => Promise<Deployed>;
}

/** The suite. */
export function targetContract(name: string, harness: Harness): void {
  describe(`${name} keeps the contract`, () => {
    let deployed: Deployed;
    let target: Target;
    let component: string;
    beforeEach(async () => {
      deployed = await harness.deploy();
      target = deployed.target();
      component = deployed.component;
    });
    afterEach(() => deployed.dispose());
    const instancesOf = async () => (await target.look(quiet())).instances[component] ?? [];

    test('looking changes nothing', async () => {
      const files = await deployed.files();
      const before = await instancesOf();
      const observed = await target.observe(quiet());
      expect(observed).toMatchObject(await target.identity());
      expect(observed.components[component]).toMatchObject({ declared: deployed.from });
      expect(observed.components[component]?.drift).toBeUndefined();
      expect(before).toMatchObject([{ state: 'running', reference: deployed.from }]);
      const { from, to } = await pinsOf(deployed);
      expect(from[component]).toMatchObject({
        reference: deployed.from,
        imageId: before[0]?.imageId,
      });
      const { changes } = await target.preview({ pins: to }, quiet());
      expect(changes.map(({ kind }) => kind)).toEqual(['edit', 'command']);
      // The whole reference or only its tag, as the files have it.
      expect(JSON.stringify(changes)).toMatch(new RegExp(`${deployed.to}|'2'`));
      if (deployed.forgetImage) expect(await target.freeImageBytes()).toBeGreaterThan(0);
      expect(await target.readClaim()).toBeUndefined();
      expect(await deployed.files()).toEqual(files);
      expect(await instancesOf()).toEqual(before);
    });

    test('an image that is not there is refused by name', async () => {
      const wanted = { [component]: { reference: deployed.missing } };
      await expect(target.locate(wanted, { from: 'registry' }, quiet())).rejects.toMatchObject({
        fault: 'request',
        code: 'image-not-found',
        message: expect.stringContaining(deployed.missing) as unknown,
      });
    });

    test('fetch transfers what is missing, and only that', async () => {
      if (!deployed.forgetImage) return expectNodesFetch(deployed);
      await deployed.forgetImage(deployed.to);
      const pins = await pinsOf(deployed);
      const located = await target.locate(
        { [component]: { reference: deployed.to } },
        { from: 'registry' },
        quiet(),
      );
      expect(located[component]).toMatchObject({ present: false });
      expect(located[component]?.transferBytes).toBeGreaterThan(500_000);
      const first = quiet();
      await target.fetch(pins.to, { from: 'registry' }, pins.from, first);
      expect(Math.max(...first.seen.map(({ doneBytes = 0 }) => doneBytes))).toBeGreaterThan(
        500_000,
      );
      const second = quiet();
      await target.fetch(pins.to, { from: 'registry' }, pins.from, second);
      expect(second.seen).toEqual([]);
      expect(await deployed.serving()).toBe('1');
    });

    test('there, twice as once, and back byte for byte', async () => {
      const files = await deployed.files();
      const pins = await pinsOf(deployed);
      const back = wayBack(pins);
      await target.claim(claimOf('run', pins));
      await target.fetch(pins.to, { from: 'registry' }, pins.from, quiet());
      const [command] = (await target.preview({ pins: pins.to }, quiet())).changes.filter(
        ({ kind }) => kind === 'edit',
      );
      const seen = await target.swap({ pins: pins.to }, 'run', quiet());
      expect(await deployed.serving()).toBe('2');
      expect(seen.components[component]).toMatchObject({
        declared: deployed.to,
        instances: [{ imageId: pins.to[component]?.imageId, state: 'running' }],
      });
      const changed = await deployed.files();
      expect(Object.keys(changed).filter((path) => changed[path] !== files[path])).toEqual([
        command?.kind === 'edit' ? command.file : 'none',
      ]);
      const before = await instancesOf();
      await deployed.target().swap({ pins: pins.to }, 'run', quiet());
      expect(await instancesOf()).toEqual(before);
      await target.swap(back, 'run', quiet());
      expect(await deployed.serving()).toBe('1');
      expect(await deployed.files()).toEqual(files);
      expect((await target.observe(quiet())).components[component]?.drift).toBeUndefined();
      expect((await target.readClaim())?.children).toEqual([]);
      await target.releaseClaim('run');
      expect(await target.readClaim()).toBeUndefined();
    });

    test('stopped for a restore, and as many back as there were', async () => {
      const pins = await pinsOf(deployed);
      await target.claim(claimOf('run', pins));
      const running = async () =>
        (await instancesOf()).filter(({ state }) => state === 'running').length;
      const before = await running();
      await expect(target.stop('other', quiet())).rejects.toMatchObject({ fault: 'claim' });
      await target.stop('run', quiet());
      expect(await running()).toBe(0);
      await deployed.target().stop('run', quiet());
      await deployed.target().start('run', quiet());
      expect(await running()).toBe(before);
      await deployed.target().start('run', quiet());
      expect(await running()).toBe(before);
      expect(await deployed.serving()).toBe('1');
      await target.releaseClaim('run');
    });

    test('an ordinary URL is asked as it is', async () => {
      const reached = await target.reach('http://127.0.0.1:1/health', {}, quiet());
      expect(reached.url).toBe('http://127.0.0.1:1/health');
      await reached.close();
    });

    test('nothing is swapped without one’s own claim', async () => {
      const files = await deployed.files();
      const pins = await pinsOf(deployed);
      const claims = ['a', 'b', 'c'].map((run) => deployed.target().claim(claimOf(run, pins)));
      const results = await Promise.allSettled(claims);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const held = await target.readClaim();
      const other = held?.runId === 'a' ? 'b' : 'a';
      await expect(target.swap({ pins: pins.to }, other, quiet())).rejects.toMatchObject({
        fault: 'claim',
      });
      await expect(target.releaseClaim(other)).rejects.toMatchObject({ fault: 'claim' });
      const taken = await target.takeOverClaim(held!, other);
      expect(taken).toEqual({ ...held, runId: other });
      await expect(target.checkClaim(held!.runId)).rejects.toMatchObject({ fault: 'claim' });
      await target.noteBackup(other, '/backups/1');
      expect(await target.readClaim()).toMatchObject({ backup: '/backups/1', fromPins: pins.from });
      expect(await deployed.files()).toEqual(files);
      expect(await deployed.serving()).toBe('1');
    });

    test('commands beside the component', async () => {
      for (const where of ['inside', 'one-off'] as const) {
        const options = { timeoutMs: 60_000, env: { WORD: 'a secret word' } };
        const output = await target.run(component, deployed.printing, where, options, quiet());
        expect(output).toMatchObject({ exitCode: 3, stdout: 'a secret word out\n' });
      }
    });

    test('output into a file', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'belay-output-'));
      try {
        const stdoutFile = join(folder, 'out');
        const options = { timeoutMs: 60_000, env: { WORD: 'x' }, stdoutFile };
        const output = await target.run(component, deployed.printing, 'inside', options, quiet());
        expect(output).toMatchObject({ exitCode: 3, stdout: '' });
        expect(await readFile(stdoutFile, 'utf8')).toBe('x out\n');
        expect((await stat(stdoutFile)).mode & 0o777).toBe(0o600);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    test.each(['inside', 'one-off'] as const)('an endless command %s is ended', async (where) => {
      const options = { timeoutMs: 4_000 };
      const failed = target.run(component, deployed.endless, where, options, quiet());
      await expect(failed).rejects.toMatchObject({ fault: 'environment', code: 'command-timeout' });
      expect(await deployed.isEndlessRunning()).toBe(false);
      const stop = new AbortController();
      const stopped = target.run(
        component,
        deployed.endless,
        where,
        { timeoutMs: 60_000 },
        quiet(stop.signal),
      );
      const rejected = expect(stopped).rejects.toThrow('stop');
      await until(deployed.isEndlessRunning, 'the command runs');
      stop.abort(new Error('stop'));
      await rejected;
      expect(await deployed.isEndlessRunning()).toBe(false);
    });

    test('evidence is whole, private and without secrets', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'belay-evidence-'));
      try {
        const directory = join(folder, 'capture');
        const evidence = await target.collect(directory, quiet());
        expect(evidence.length).toBeGreaterThan(3);
        let all = '';
        for (const { path, bytes, sha256 } of evidence) {
          const content = await readFile(path);
          expect(content).toHaveLength(bytes);
          expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
          expect((await stat(path)).mode & 0o777).toBe(0o600);
          all += content.toString('utf8');
        }
        expect(all).toContain('logged:');
        expect(all).not.toContain(deployed.secret);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
}

/** Where the nodes fetch for themselves, all that can be done beforehand is to see that they will find it. */
async function expectNodesFetch(deployed: Deployed): Promise<void> {
  const target = deployed.target();
  const pins = await pinsOf(deployed);
  await target.fetch(pins.to, { from: 'registry' }, pins.from, quiet());
  // Without a digest nothing is looked for: the nodes have it, or a rollout shows that they don't find it.
  const pin = {
    reference: deployed.missing,
    imageId: 'sha256:0',
    digest: `sha256:${'0'.repeat(64)}`,
  };
  const failed = target.fetch(
    { [deployed.component]: pin },
    { from: 'registry' },
    pins.from,
    quiet(),
  );
  await expect(failed).rejects.toThrow(deployed.missing);
  expect(await deployed.serving()).toBe('1');
}
