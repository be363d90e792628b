/**
 * Records golden histories: `node test/replay/record.ts` writes one JSON file per story into `histories/`. Record anew
 * with every release, beside the old ones; never rewrite those of a release that people run.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import type { Deployment } from '../../src/domain/deployment.ts';
import type { Phase } from '../../src/domain/operation.ts';
import { revision, World } from '../fakes/world.ts';
import { createHarness, type Stage } from '../workflows/harness.ts';

const FOLDER = fileURLToPath(new URL('histories/', import.meta.url));
const by = { by: 'recorder', reason: 'a golden history' };

/** A story, and whether it is recorded while it is still open. */
interface Story {
  readonly name: string;
  readonly overrides?: Partial<Deployment>;
  readonly play: (world: World, stage: Stage) => Promise<WorkflowHandle>;
}

/** Nobody foresaw it; without a stack, whose paths would be of the machine that records. */
function strange(): Error {
  const error = new TypeError('odd');
  error.stack = '';
  return error;
}

const slowGate = (world: World) =>
  Object.assign(world.deployment, {
    health: { ...world.deployment.health, timeoutMs: 60_000 },
  });

async function reaching(
  stage: Stage,
  phase: Phase,
  request: Record<string, unknown> = {},
): Promise<WorkflowHandle> {
  const handle = await stage.start('upgrade', { to: '1.3.0', ...request });
  await stage.until(handle, (status) => status.phase === phase);
  return handle;
}

async function ended(stage: Stage, handle: WorkflowHandle): Promise<WorkflowHandle> {
  await stage.outcome(handle);
  return handle;
}

const stories: readonly Story[] = [
  {
    name: 'upgrade-succeeded',
    play: async (_, stage) =>
      ended(stage, await stage.start('upgrade', { to: '1.3.0', by: 'ana' })),
  },
  {
    name: 'upgrade-rolled-back',
    play: async (world, stage) => {
      world.behaviours['1.3.0'] = 'sick';
      return ended(stage, await stage.start('upgrade', { to: '1.3.0' }));
    },
  },
  {
    name: 'upgrade-refused',
    play: async (_, stage) => ended(stage, await stage.start('upgrade', { to: '1.2.2' })),
  },
  {
    name: 'upgrade-approved-after-hold',
    overrides: { approval: true },
    play: async (_, stage) => {
      const handle = await reaching(stage, 'approval');
      const { plan } = await stage.status(handle);
      await handle.executeUpdate('hold', { args: [by] });
      await handle.executeUpdate('approve', { args: [{ ...by, planDigest: plan?.digest }] });
      await handle.executeUpdate('resume', { args: [by] });
      return ended(stage, handle);
    },
  },
  {
    name: 'rollback-succeeded',
    play: async (_, stage) => ended(stage, await stage.start('rollback', { to: '1.2.1' })),
  },
  {
    name: 'upgrade-rolled-back-to-a-revision',
    play: async (world, stage) => {
      world.revisions = [revision(1, '1.2.1'), revision(2, '1.2.2')];
      world.behaviours['1.3.0'] = 'sick';
      return ended(stage, await stage.start('upgrade', { to: '1.3.0' }));
    },
  },
  {
    name: 'rollback-to-a-revision',
    play: async (world, stage) => {
      world.revisions = [revision(1, '1.2.1'), revision(2, '1.2.2')];
      return ended(stage, await stage.start('rollback', { toRevision: 1 }));
    },
  },
  {
    name: 'open-in-approval',
    overrides: { approval: true },
    play: (_, stage) => reaching(stage, 'approval'),
  },
  {
    name: 'open-in-window',
    overrides: { window: windowInAnHour() },
    play: (_, stage) => reaching(stage, 'window'),
  },
  {
    name: 'open-in-hold',
    overrides: { approval: true },
    play: async (_, stage) => {
      const handle = await reaching(stage, 'approval');
      const { plan } = await stage.status(handle);
      await handle.executeUpdate('hold', { args: [by] });
      await handle.executeUpdate('approve', { args: [{ ...by, planDigest: plan?.digest }] });
      await stage.until(handle, ({ waiting }) => waiting?.on.startsWith('resume') === true);
      return handle;
    },
  },
  {
    name: 'open-in-judge',
    play: async (world, stage) => {
      world.behaviours['1.3.0'] = 'sick';
      slowGate(world);
      return reaching(stage, 'judge');
    },
  },
  {
    name: 'open-in-soak',
    overrides: { soakMs: 600_000 },
    play: (_, stage) => reaching(stage, 'soak'),
  },
  {
    name: 'open-parked',
    play: async (world, stage) => {
      world.failNext('swap', strange());
      return reaching(stage, 'parked');
    },
  },
  {
    name: 'open-parked-records',
    play: async (world, stage) => {
      world.failNext('history', strange());
      return reaching(stage, 'parked');
    },
  },
];

function windowInAnHour() {
  const hour = (new Date().getUTCHours() + 2) % 24;
  const clock = (value: number) => `${String(value % 24).padStart(2, '0')}:00`;
  return { from: clock(hour), to: clock(hour + 1), timeZone: 'UTC' };
}

const harness = await createHarness();
await mkdir(FOLDER, { recursive: true });
for (const { name, overrides = {}, play } of stories) {
  const world = await World.create(overrides);
  await harness.serving(world, async (stage) => {
    const handle = await play(world, stage);
    const text = historyToJSON(await handle.fetchHistory());
    const plain = text.replaceAll(/"stackTrace": "(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
    await writeFile(`${FOLDER}${name}.json`, `${plain}\n`);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') await handle.terminate('recorded');
  });
  await world.close();
  process.stdout.write(`${name}\n`);
}
await harness.close();
