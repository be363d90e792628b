import { expect, it } from 'vitest';
import type { Manifest, StoredBackup } from './manifest.ts';
import { selectSurplus } from './prune.ts';

function backupOf(day: number): StoredBackup {
  const file = `db-backup-1.2.2-2026040${day}T000000.dump`;
  const manifest: Manifest = {
    format: 1,
    file,
    sha256: '0'.repeat(64),
    bytes: 1,
    version: '1.2.2',
    serverVersion: '18.6',
    databaseBytes: 1,
    tool: 'pg_dump 18.6',
    proof: 'full-read',
    deployment: 'acme',
    runId: `run-${day}`,
    takenAt: `2026-04-0${day}T00:00:00.000Z`,
    tookMs: 1,
  };
  return { manifest, path: `/backups/${file}` };
}

const all = [2, 4, 1, 3].map(backupOf);
const pathOf = (day: number) => backupOf(day).path;

it.each([
  ['more than there are', 9, 4, []],
  ['two', 2, 4, [2, 1]],
  ['one', 1, 4, [3, 2, 1]],
  ['none, which counts as one', 0, 4, [3, 2, 1]],
  ['one, and never the one just proven, whatever the clock says', 1, 2, [3, 1]],
])('keep %s', (_, keep, proven, days) => {
  const surplus = selectSurplus(all, keep, pathOf(proven));
  expect(surplus.map(({ path }) => path)).toEqual(days.map(pathOf));
});
