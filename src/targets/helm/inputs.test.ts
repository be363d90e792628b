import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Claim } from '../../domain/target.ts';
import { forgetInputs, noteInputs, requireSameInputs } from './inputs.ts';
import { createScope, type Scope } from './scope.ts';

const claim = (runId: string): Claim => ({
  deployment: 'web',
  operation: 'upgrade',
  engine: 'cluster/default',
  workflowId: 'deployment/web',
  runId,
  planDigest: 'digest',
  fromVersion: '1',
  toVersion: '2',
  fromPins: {},
  toPins: {},
  startedAt: '2026-03-26T10:00:00.000Z',
  children: [],
});

describe('files that helm reads', () => {
  let folder: string;
  let scope: Scope;
  const write = async (path: string, text: string) => {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belay-inputs-'));
    for (const path of ['chart/Chart.yaml', 'chart/templates/a/web.yaml', 'values.yaml', 'sub/x'])
      await write(path, 'before');
    await mkdir(join(folder, 'chart/charts'));
    await symlink(join(folder, 'sub'), join(folder, 'chart/charts/sub'));
    const settings = {
      kind: 'helm',
      directory: folder,
      cluster: { namespace: 'web' },
      neighbours: {},
      rollout: { maxRestarts: 2, graceMs: 1, progressMs: 1 },
      release: 'web',
      chart: { from: 'path', path: join(folder, 'chart') },
      values: [join(folder, 'values.yaml')],
      set: {},
      versionValues: {},
      program: 'helm',
      timeoutMs: 1,
      hooksOnRollback: true,
    } as const;
    scope = createScope(settings, {}, {});
    await noteInputs(scope, claim('run'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const compared = (runId = 'run') => requireSameInputs(scope, claim(runId), {});

  it('are the same', () => expect(compared()).resolves.toBeUndefined());

  it.each([
    'values.yaml',
    'chart/Chart.yaml',
    'chart/templates/a/web.yaml',
    'chart/templates/new.yaml',
    'chart/.helmignore',
    'chart/charts/sub/x',
  ])('are changed by an edit of %s, and stay so', async (path) => {
    await write(path, 'after');
    const refused = { fault: 'request', code: 'inputs-changed' };
    await expect(compared()).rejects.toMatchObject(refused);
    await expect(compared()).rejects.toThrow(join(folder, path));
    await noteInputs(scope, claim('run'));
    await expect(compared()).rejects.toMatchObject(refused);
  });

  it('are changed by a removal', async () => {
    await rm(join(folder, 'chart/templates/a/web.yaml'));
    await expect(compared()).rejects.toThrow(/web\.yaml/);
  });

  it.each(['chart/backups/a.dump', 'chart/templates/.web.yaml.swp', 'chart/.git/index'])(
    'are not %s',
    async (path) => {
      await write(path, 'after');
      await expect(compared()).resolves.toBeUndefined();
    },
  );

  it('are each run’s own, until it ends', async () => {
    await write('values.yaml', 'after');
    await noteInputs(scope, claim('other'));
    await expect(compared('other')).resolves.toBeUndefined();
    await forgetInputs(scope, 'other');
    await expect(compared()).rejects.toThrow(/values\.yaml/);
    await forgetInputs(scope, 'run');
    await expect(compared()).resolves.toBeUndefined();
  });
});
