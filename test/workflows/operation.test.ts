/** Every step failed in turn, every message in every wait; the promise checked each time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure } from '../../src/domain/errors.ts';
import type { Outcome } from '../../src/domain/operation.ts';
import { revision, World } from '../fakes/world.ts';
import { createHarness, type Harness, type Stage } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.close());

/** Serves a new world, then checks the promise against the outcome. */
async function playing(
  overrides: Parameters<typeof World.create>[0],
  body: (world: World, stage: Stage) => Promise<Outcome>,
): Promise<Outcome> {
  const world = await World.create(overrides);
  try {
    const outcome = await harness.serving(world, (stage) => body(world, stage));
    await expectPromise(world, outcome);
    return outcome;
  } finally {
    await world.close();
  }
}

async function expectPromise(world: World, outcome: Outcome): Promise<void> {
  const lines = await world.history();
  if (outcome.outcome === 'parked') {
    expect(world.claimed, 'a parked operation keeps its claim').toBeDefined();
    return;
  }
  expect(world.claimed, 'the claim is gone').toBeUndefined();
  expect(world.declared, 'declared and running agree').toBe(world.running);
  if (outcome.outcome === 'refused') {
    expect(world.running).toBe('1.2.2');
    expect(lines).toEqual([]);
    return;
  }
  expect(world.running).toBe(outcome.serving);
  expect(lines).toHaveLength(1);
  const upgraded = outcome.operation === 'upgrade' && outcome.outcome === 'succeeded';
  expect(await world.previous()).toBe(upgraded ? '1.2.2\n' : undefined);
}

const run =
  (request = {}) =>
  async (_: World, stage: Stage) =>
    stage.outcome(await stage.start('upgrade', { to: '1.3.0', ...request }));

const slowGate = (world: World) =>
  Object.assign(world.deployment, {
    health: { ...world.deployment.health, timeoutMs: 60_000 },
  });

const release = () => failure('release', 'up-failed', 'it would not start', 'look');
const environment = () => failure('environment', 'engine-unreachable', 'no engine', 'wait');
const by = { by: 'ops', reason: 'because' };

describe('upgrade', () => {
  it('succeeds, and writes its records', async () => {
    const outcome = await playing({}, run());
    expect(outcome, JSON.stringify(outcome.reasons)).toMatchObject({
      outcome: 'succeeded',
      serving: '1.3.0',
      proven: true,
    });
  });

  it.each(['sick', 'exits', 'wrong-version'] as const)(
    'rolls a bad release back: %s',
    async (how) => {
      const outcome = await playing({}, (world, stage) => {
        world.behaviours['1.3.0'] = how;
        return run()(world, stage);
      });
      expect(outcome).toMatchObject({ outcome: 'rolled-back', serving: '1.2.2', proven: true });
      expect(outcome.evidence).toHaveLength(1);
    },
  );

  const steps = [
    'observe',
    'locate',
    'preview',
    'claim',
    'fetch',
    'swap',
    'migrate',
    'releaseClaim',
  ];

  it.each(steps.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const]))(
    'goes on after the environment failed %s (%s its effect)',
    async (step, when) => {
      const outcome = await playing(
        { migrate: { how: 'startup', ledger: 'schema_migrations', timeoutMs: 1_000 } },
        (world, stage) => {
          world.failNext(step, environment(), when);
          return run()(world, stage);
        },
      );
      expect(outcome.outcome).toBe('succeeded');
    },
  );

  it.each([
    ['observe', 'refused'],
    ['locate', 'refused'],
    ['preview', 'refused'],
    ['fetch', 'refused'],
    ['swap', 'rolled-back'],
  ] as const)('a release failure in %s ends as %s', async (step, ending) => {
    const outcome = await playing({}, (world, stage) => {
      world.failNext(step, release());
      return run()(world, stage);
    });
    expect(outcome.outcome).toBe(ending);
  });

  it('parks on the unknown, and goes back when told', async () => {
    const outcome = await playing({}, async (world, stage) => {
      world.failNext('swap', new TypeError('nobody expected this'), 'after');
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      const parked = await stage.until(handle, ({ phase }) => phase === 'parked');
      expect(parked.reasons[0]?.message).toContain('nobody expected this');
      expect(parked.accepts).toEqual(['rollBack', 'keep', 'retry', 'abort']);
      await handle.executeUpdate('rollBack', { args: [by] });
      return stage.outcome(handle);
    });
    expect(outcome).toMatchObject({ outcome: 'rolled-back', serving: '1.2.2' });
  });

  it('parks when the way back fails, and tries it again when told', async () => {
    const outcome = await playing({}, async (world, stage) => {
      world.behaviours['1.3.0'] = 'sick';
      world.behaviours['1.2.2'] = 'sick';
      const handle = await stage.start('upgrade', { to: '1.3.0', evenIfUnhealthy: true });
      await stage.until(handle, ({ phase }) => phase === 'parked');
      world.behaviours['1.2.2'] = 'good';
      await handle.executeUpdate('retry', { args: [by] });
      return stage.outcome(handle);
    });
    expect(outcome).toMatchObject({ outcome: 'rolled-back', serving: '1.2.2' });
  });

  it('keeps what an operator accepts without proof, and records it so', async () => {
    const outcome = await playing(
      { rollback: { onFailure: 'park', restoreDatabase: 'never', timeoutMs: 1_000 } },
      async (world, stage) => {
        world.behaviours['1.3.0'] = 'sick';
        const handle = await stage.start('upgrade', { to: '1.3.0' });
        await stage.until(handle, ({ phase }) => phase === 'parked');
        await handle.executeUpdate('keep', { args: [by] });
        const kept = await stage.outcome(handle);
        expect((await world.history())[0]).toContain('1.2.2 -> 1.3.0 KEPT');
        return kept;
      },
    );
    expect(outcome).toMatchObject({ outcome: 'succeeded', serving: '1.3.0', proven: false });
  });

  it('closes as parked when told, and leaves the claim', async () => {
    const outcome = await playing({}, async (world, stage) => {
      world.failNext('swap', new TypeError('odd'));
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      await stage.until(handle, ({ phase }) => phase === 'parked');
      await handle.executeUpdate('abort', { args: [by] });
      return stage.outcome(handle);
    });
    expect(outcome.outcome).toBe('parked');
  });

  it('does not unwind a proven version because a record could not be written', async () => {
    const outcome = await playing({}, async (world, stage) => {
      world.failNext('history', new TypeError('odd'));
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      const parked = await stage.until(handle, ({ phase }) => phase === 'parked');
      expect(parked.accepts).toEqual(['retry', 'abort']);
      await expect(handle.executeUpdate('rollBack', { args: [by] })).rejects.toThrow();
      await handle.executeUpdate('retry', { args: [by] });
      return stage.outcome(handle);
    });
    expect(outcome).toMatchObject({ outcome: 'succeeded', serving: '1.3.0' });
  });

  it('closes with the known ending when an operator gives the records up', async () => {
    const world = await World.create();
    try {
      const outcome = await harness.serving(world, async (stage) => {
        for (let time = 0; time < 2; time += 1) world.failNext('history', new TypeError('odd'));
        const handle = await stage.start('upgrade', { to: '1.3.0' });
        await stage.until(handle, ({ phase }) => phase === 'parked');
        await handle.executeUpdate('abort', { args: [by] });
        return stage.outcome(handle);
      });
      expect(outcome).toMatchObject({ outcome: 'succeeded', serving: '1.3.0' });
      expect(world.claimed).toBeUndefined();
    } finally {
      await world.close();
    }
  });

  it('records what was kept on the way back as what it is', async () => {
    const world = await World.create();
    try {
      world.behaviours['1.3.0'] = 'sick';
      world.behaviours['1.2.2'] = 'sick';
      const outcome = await harness.serving(world, async (stage) => {
        const handle = await stage.start('upgrade', { to: '1.3.0', evenIfUnhealthy: true });
        await stage.until(handle, ({ phase }) => phase === 'parked');
        await handle.executeUpdate('keep', { args: [by] });
        return stage.outcome(handle);
      });
      expect(outcome).toMatchObject({ outcome: 'succeeded', serving: '1.2.2', proven: false });
      expect((await world.history())[0]).toContain('1.3.0 -> 1.2.2 KEPT');
      expect(await world.previous()).toBeUndefined();
    } finally {
      await world.close();
    }
  });

  it('can be taken back although someone removed the claim', async () => {
    const outcome = await playing({}, async (world, stage) => {
      world.behaviours['1.3.0'] = 'sick';
      slowGate(world);
      const judging = world.block('look');
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      await judging.reached;
      world.claimed = undefined;
      await handle.executeUpdate('rollBack', { args: [by] });
      judging.release();
      await stage.until(handle, ({ phase }) => phase === 'parked');
      await handle.executeUpdate('rollBack', { args: [by] });
      return stage.outcome(handle);
    });
    expect(outcome).toMatchObject({ outcome: 'rolled-back', serving: '1.2.2' });
  });
});

describe('messages', () => {
  it('waits for an approval that names the plan', async () => {
    const outcome = await playing({ approval: true }, async (_, stage) => {
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      const { plan } = await stage.until(handle, ({ phase }) => phase === 'approval');
      await expect(
        handle.executeUpdate('approve', { args: [{ ...by, planDigest: 'other' }] }),
      ).rejects.toThrow();
      await expect(
        handle.executeUpdate('approve', { args: [{ planDigest: plan?.digest }] }),
      ).rejects.toThrow();
      await handle.executeUpdate('approve', { args: [{ ...by, planDigest: plan?.digest }] });
      return stage.outcome(handle);
    });
    expect(outcome.outcome).toBe('succeeded');
  });

  it('closes as refused when it is rejected', async () => {
    const outcome = await playing({ approval: true }, async (_, stage) => {
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      await stage.until(handle, ({ phase }) => phase === 'approval');
      await handle.signal('reject', by);
      return stage.outcome(handle);
    });
    expect(outcome).toMatchObject({ outcome: 'refused', reasons: [{ code: 'rejected' }] });
  });

  it('refuses an approved plan when the world has moved on', async () => {
    const outcome = await playing({ approval: true }, async (world, stage) => {
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      const { plan } = await stage.until(handle, ({ phase }) => phase === 'approval');
      world.failNext('preview', failure('request', 'edited', 'someone edited the file', 'look'));
      await handle.executeUpdate('approve', { args: [{ ...by, planDigest: plan?.digest }] });
      return stage.outcome(handle);
    });
    expect(outcome.outcome).toBe('refused');
  });

  it('ignores a signal that the validator would refuse, and says why', async () => {
    await playing({ approval: true }, async (_, stage) => {
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      await stage.until(handle, ({ phase }) => phase === 'approval');
      await handle.signal('keep', by);
      const { timeline } = await stage.until(handle, (status) =>
        status.timeline.some(({ text }) => text.startsWith('keep was ignored')),
      );
      expect(timeline.at(-1)?.text).toContain('only a parked operation can be kept');
      await handle.signal('reject', by);
      return stage.outcome(handle);
    });
  });

  it('holds before the next phase, and goes on', async () => {
    const outcome = await playing({ approval: true }, async (_, stage) => {
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      const { plan } = await stage.until(handle, ({ phase }) => phase === 'approval');
      await handle.executeUpdate('hold', { args: [by] });
      await handle.executeUpdate('approve', { args: [{ ...by, planDigest: plan?.digest }] });
      await stage.until(handle, ({ waiting }) => waiting?.on.startsWith('resume') === true);
      await handle.executeUpdate('resume', { args: [by] });
      return stage.outcome(handle);
    });
    expect(outcome.outcome).toBe('succeeded');
  });

  it.each(['cancel', 'abort'] as const)('%s before the swap stops', async (how) => {
    const outcome = await playing({ approval: true }, async (_, stage) => {
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      await stage.until(handle, ({ phase }) => phase === 'approval');
      await (how === 'cancel' ? handle.cancel() : handle.executeUpdate('abort', { args: [by] }));
      return stage.outcome(handle);
    });
    expect(outcome).toMatchObject({ outcome: 'refused', reasons: [{ code: 'stopped' }] });
  });

  it.each(['cancel', 'abort', 'rollBack'] as const)('%s after the swap unwinds', async (how) => {
    const outcome = await playing({}, async (world, stage) => {
      world.behaviours['1.3.0'] = 'sick';
      const slow = { ...world.deployment.health, timeoutMs: 60_000 };
      Object.assign(world.deployment, { health: slow });
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      await stage.until(handle, ({ phase }) => phase === 'judge');
      await (how === 'cancel' ? handle.cancel() : handle.executeUpdate(how, { args: [by] }));
      return stage.outcome(handle);
    });
    expect(outcome).toMatchObject({ outcome: 'rolled-back', serving: '1.2.2' });
  });
});

describe('a message that comes while an act completes', () => {
  it('abort during fetch stops before the swap', async () => {
    const outcome = await playing({}, async (world, stage) => {
      const fetching = world.block('fetch');
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      await fetching.reached;
      await handle.executeUpdate('abort', { args: [by] });
      fetching.release();
      const result = await stage.outcome(handle);
      expect(world.calls).not.toContain('swap');
      return result;
    });
    expect(outcome).toMatchObject({ outcome: 'refused', reasons: [{ code: 'stopped' }] });
  });

  it('rollBack during the swap goes back, however healthy the release is', async () => {
    const outcome = await playing({}, async (world, stage) => {
      const swapping = world.block('swap');
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      await swapping.reached;
      await handle.executeUpdate('rollBack', { args: [by] });
      swapping.release();
      return stage.outcome(handle);
    });
    expect(outcome).toMatchObject({ outcome: 'rolled-back', serving: '1.2.2' });
  });
});

describe('the maintenance window', () => {
  it('counts after a late approval too', async () => {
    const hour = new Date().getUTCHours();
    const clock = (value: number) => `${String((value + 24) % 24).padStart(2, '0')}:00`;
    const window = { from: clock(hour + 3), to: clock(hour + 4), timeZone: 'UTC' };
    const outcome = await playing({ approval: true, window }, async (world, stage) => {
      const handle = await stage.start('upgrade', { to: '1.3.0' });
      const { plan } = await stage.until(handle, ({ phase }) => phase === 'approval');
      await handle.executeUpdate('approve', { args: [{ ...by, planDigest: plan?.digest }] });
      await stage.until(handle, ({ phase }) => phase === 'window');
      expect(world.calls).not.toContain('claim');
      return stage.outcome(handle);
    });
    expect(outcome.outcome).toBe('succeeded');
  });
});

describe('how it was started', () => {
  it.each([
    ['another workflow ID', {}, { workflowId: 'my-upgrade' }, 'wrong-workflow-id'],
    ['an execution timeout', {}, { workflowExecutionTimeout: '1h' }, 'workflow-timeout'],
    ['a run timeout', {}, { workflowRunTimeout: '1h' }, 'workflow-timeout'],
    ['a retry policy', {}, { retry: { maximumAttempts: 3 } }, 'workflow-repeat'],
    ['a bad name', { deployment: '../etc' }, {}, 'bad-name'],
    ['a long name', { deployment: 'a'.repeat(300) }, {}, 'bad-name'],
    ['no version', { to: undefined }, {}, 'bad-input'],
    ['a version of 1500 characters', { to: 'é'.repeat(1500) }, {}, 'bad-input'],
    ['an unknown field', { dryRun: true }, {}, 'bad-input'],
  ])('refuses %s', async (_, request, options, code) => {
    const outcome = await playing({}, async (world, stage) => {
      const handle = await stage.start('upgrade', { to: '1.3.0', ...request }, options);
      const refused = await stage.outcome(handle);
      expect(world.calls).toEqual([]);
      return refused;
    });
    expect(outcome.reasons.map((reason) => reason.code)).toContain(code);
  });
});

describe('claims', () => {
  it('takes back what a terminated run left', async () => {
    const outcome = await playing({}, async (world, stage) => {
      world.behaviours['1.3.0'] = 'sick';
      Object.assign(world.deployment, {
        health: { ...world.deployment.health, timeoutMs: 60_000 },
      });
      const first = await stage.start('upgrade', { to: '1.3.0' });
      await stage.until(first, ({ phase }) => phase === 'judge');
      await first.terminate('an operator in a hurry');
      expect(world.running).toBe('1.3.0');
      return stage.outcome(await stage.start('upgrade', { to: '1.3.0' }));
    });
    expect(outcome).toMatchObject({
      outcome: 'rolled-back',
      serving: '1.2.2',
      reasons: [{ code: 'unfinished-operation' }],
    });
  });

  it('touches nothing under the claim of an engine that it can not ask', async () => {
    const world = await World.create();
    const other = {
      deployment: 'acme',
      operation: 'upgrade',
      engine: 'elsewhere/default',
      workflowId: 'deployment/acme',
      runId: 'another',
      planDigest: 'd',
      fromVersion: '1.2.2',
      toVersion: '1.3.0',
      fromPins: {},
      toPins: {},
      startedAt: '2026-01-01T00:00:00Z',
      children: [],
    } as const;
    world.claimed = other;
    try {
      const outcome = await harness.serving(world, async (stage) =>
        stage.outcome(await stage.start('upgrade', { to: '1.3.0' })),
      );
      expect(outcome).toMatchObject({
        outcome: 'refused',
        reasons: [{ code: 'claim-of-other-engine' }],
      });
      expect(world.claimed).toBe(other);
      expect(world.running).toBe('1.2.2');
    } finally {
      await world.close();
    }
  });
});

describe('rollback', () => {
  it('goes to the version named, and records it', async () => {
    const outcome = await playing({}, async (world, stage) => {
      const handle = await stage.start('rollback', { to: '1.2.1' });
      const result = await stage.outcome(handle);
      expect((await world.history())[0]).toContain('ROLLBACK 1.2.2 -> 1.2.1');
      return result;
    });
    expect(outcome).toMatchObject({ outcome: 'succeeded', serving: '1.2.1' });
  });

  it('says when there is nothing further back', async () => {
    const outcome = await playing({}, async (_, stage) =>
      stage.outcome(await stage.start('rollback', {})),
    );
    expect(outcome.outcome).toBe('refused');
  });
});

describe('a target with a history of its own', () => {
  const remember = (world: World) => {
    world.revisions = [revision(1, '1.2.1'), revision(2, '1.2.2')];
  };

  it('is taken back to the revision that it came from', async () => {
    await playing({}, async (world, stage) => {
      remember(world);
      world.behaviours['1.3.0'] = 'sick';
      const outcome = await run()(world, stage);
      expect(outcome.outcome).toBe('rolled-back');
      expect(world.goals.map(({ point }) => point)).toEqual([undefined, { revision: 2 }]);
      return outcome;
    });
  });

  it('goes back to a revision by its number', async () => {
    await playing({}, async (world, stage) => {
      remember(world);
      const outcome = await stage.outcome(await stage.start('rollback', { toRevision: 1 }));
      expect(outcome).toMatchObject({ outcome: 'succeeded', serving: '1.2.1' });
      expect(world.goals).toMatchObject([{ point: { revision: 1 } }]);
      return outcome;
    });
  });
});

describe('a danger', () => {
  const danger = { name: 'remove:Volume/data', message: 'it would be removed', remedy: 'keep it' };

  it('is refused by its name, and accepted by it', async () => {
    await playing({}, async (world, stage) => {
      world.hazards = [danger];
      const refused = await run()(world, stage);
      expect(refused.reasons.map(({ code }) => code)).toEqual(['hazard:remove']);
      return refused;
    });
    await playing({}, async (world, stage) => {
      world.hazards = [danger];
      const outcome = await run({ accept: [danger.name] })(world, stage);
      expect(outcome.outcome).toBe('succeeded');
      return outcome;
    });
  });
});
