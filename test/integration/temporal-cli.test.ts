/** belay driven by the real `temporal` binary alone, and by what the UI's start form sends. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mustRun, run, Site } from '../../scripts/stack/site.ts';
import type { Outcome, Status } from '../../src/domain/operation.ts';
import { Engine } from '../stack/engine.ts';
import { expectPromise, rememberSite } from '../stack/promise.ts';

const ID = 'deployment/itcli';
let site: Site;
let engine: Engine;

beforeAll(async () => {
  site = await Site.start({ name: 'itcli' });
  await site.belay(['status']);
  engine = await Engine.of(site);
});
afterAll(async () => {
  await engine.close();
  await site.stop();
});

const argv = (...args: string[]) => [
  process.env['BELAY_TEMPORAL_BIN'] ?? 'temporal',
  ...args,
  '--address',
  engine.address,
];
const temporal = (...args: string[]) => mustRun(argv(...args));

const start = (input: object) =>
  argv(
    'workflow',
    'start',
    '--type',
    'upgrade',
    '--workflow-id',
    ID,
    '--task-queue',
    'belay',
    '--input',
    JSON.stringify(input),
    '--fail-existing',
  );

async function query(): Promise<Status> {
  const text = await temporal(
    'workflow',
    'query',
    '-w',
    ID,
    '--type',
    'status',
    '--output',
    'json',
  );
  const { queryResult } = JSON.parse(text) as { queryResult: Status[] };
  return queryResult[0] as Status;
}

async function untilPhase(phase: string): Promise<Status> {
  let last: unknown;
  for (let turn = 0; turn < 100; turn += 1) {
    const status = await query().catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (status?.phase === phase) return status;
    last = status ?? last;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`never in phase ${phase}; last ${JSON.stringify(last)} ${String(last)}`);
}

async function result(): Promise<Outcome> {
  const text = await temporal('workflow', 'result', '-w', ID, '--output', 'json');
  return (JSON.parse(text) as { result: Outcome }).result;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

it('runs an upgrade with a hold and an approval', async () => {
  const before = await rememberSite(site);
  await mustRun(start({ deployment: 'itcli', to: '1.3.0', approval: true, by: 'cli' }));
  const again = await run(start({ deployment: 'itcli', to: '1.3.0' }));
  expect(again.code, 'a second start fails').not.toBe(0);
  const { plan } = await untilPhase('approval');
  await temporal(
    'workflow',
    'update',
    'execute',
    '-w',
    ID,
    '--name',
    'hold',
    '--input',
    '{"by":"ana","reason":"a call with the customer"}',
  );
  const bare = await run(
    argv(
      'workflow',
      'update',
      'execute',
      '-w',
      ID,
      '--name',
      'approve',
      '--input',
      `{"reason":"x","planDigest":"${plan?.digest ?? ''}"}`,
    ),
  );
  expect(bare.code, 'an update without by is refused').not.toBe(0);
  expect(bare.stdout + bare.stderr).toContain('"by" is missing');
  await temporal(
    'workflow',
    'update',
    'execute',
    '-w',
    ID,
    '--name',
    'approve',
    '--input',
    JSON.stringify({ by: 'ana', reason: 'read it', planDigest: plan?.digest }),
  );
  await expect
    .poll(async () => (await query()).waiting?.on ?? '', { timeout: 60_000 })
    .toContain('resume');
  expect(await site.healthy(20_000), 'held: nothing has changed').toBe('1.2.2');
  await temporal(
    'workflow',
    'signal',
    '-w',
    ID,
    '--name',
    'resume',
    '--input',
    '{"by":"ana","reason":"done"}',
  );
  const outcome = await result();
  expect(outcome).toMatchObject({ outcome: 'succeeded', serving: '1.3.0' });
  await expectPromise(site, before, outcome);
});

it('is found by its search attributes', async () => {
  const list = await temporal(
    'workflow',
    'list',
    '--query',
    'BelayDeployment="itcli" AND BelayOutcome="succeeded"',
    '--output',
    'json',
  );
  expect(JSON.parse(list)).toHaveLength(1);
});

it('starts from what the form of the UI sends, and takes a bad release back', async () => {
  const ui = await site.uiUrl();
  const form = {
    workflowType: { name: 'upgrade' },
    taskQueue: { name: 'belay' },
    input: {
      payloads: [
        {
          metadata: { encoding: base64('json/plain') },
          data: base64(JSON.stringify({ deployment: 'itcli', to: '1.3.1' })),
        },
      ],
    },
  };
  // The UI hands a token to its pages, and takes requests only with it.
  const page = await fetch(`${ui ?? ''}/api/v1/settings`);
  const cookie = page.headers.getSetCookie().find((text) => text.startsWith('_csrf=')) ?? '';
  const [pair = ''] = cookie.split(';');
  const response = await fetch(
    `${ui ?? ''}/api/v1/namespaces/default/workflows/deployment%2Fitcli`,
    {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie: pair,
        'x-csrf-token': pair.slice('_csrf='.length),
      },
      body: JSON.stringify(form),
    },
  );
  expect(response.status, await response.text()).toBe(200);
  const outcome = await result();
  expect(outcome).toMatchObject({ outcome: 'rolled-back', serving: '1.3.0' });
  expect(await site.healthy(20_000)).toBe('1.3.0');
});

it('takes a cancellation as abort', async () => {
  await mustRun(start({ deployment: 'itcli', to: '1.4.0', approval: true }));
  await untilPhase('approval');
  await temporal('workflow', 'cancel', '-w', ID);
  const { code, stdout, stderr } = await run(argv('workflow', 'result', '-w', ID));
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain('abort by cancellation request');
  expect(await site.healthy(20_000)).toBe('1.3.0');
});
