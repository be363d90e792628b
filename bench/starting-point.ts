/**
 * Brings the site back to where every run starts: 1.2.2 healthy, nothing recorded, the newer images not
 * here, their migrations not applied. By means that belong to neither contender.
 */
import { access, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun, run, type Site } from '../scripts/stack/site.ts';

/** The version from which every run starts. */
export const FROM = '1.2.2';

const IMAGE = '127.0.0.1:5000/atlasai/tenant-plane';
const HEALTHY_WITHIN_MS = 60_000;
/** Start-up of the application and removal of images cost processor time that no run shall pay. */
const CALM_MS = 1_500;

/** What 1.3.0 added to the database: without these, every run has to migrate. */
const UNDO_MIGRATIONS = `
  drop table if exists automation_steps, baseline_snapshots;
  delete from schema_migrations where version > 2016;
`;

/** The site as it was at first. */
export interface StartingPoint {
  /** Puts the site back; `absent` are the versions that shall have to be pulled. */
  restore(absent: readonly string[]): Promise<void>;
}

/** Remembers the site as it is now. */
export async function rememberStartingPoint(site: Site): Promise<StartingPoint> {
  const { composeFile, envFile } = site.example;
  const [compose, env] = [await readFile(composeFile), await readFile(envFile)];
  return {
    async restore(absent) {
      await expectNoClaim(site);
      await writeFile(composeFile, compose);
      await writeFile(envFile, env);
      await forgetRecords(site);
      await site.compose('up', '-d');
      const version = await site.healthy(HEALTHY_WITHIN_MS);
      if (version !== FROM) throw new Error(`${version} answers where ${FROM} should`);
      const psql = ['psql', '--username', 'atlas', '--set', 'ON_ERROR_STOP=1', '--quiet', 'atlas'];
      await site.compose('exec', '-T', 'db', ...psql, '--command', UNDO_MIGRATIONS);
      for (const tag of absent) await removeImage(`${IMAGE}:${tag}`);
      await sleep(CALM_MS);
    },
  };
}

/** A claim is there only while an operation is open: then the last run did not end. */
async function expectNoClaim({ example }: Site): Promise<void> {
  const claim = join(example.directory, '.belay', 'operation.json');
  const left = await access(claim).then(
    () => true,
    () => false,
  );
  if (left) throw new Error(`${claim} is there: the run before has not ended`);
}

async function forgetRecords({ example }: Site): Promise<void> {
  for (const file of [example.history, example.previous, `${example.composeFile}.before`]) {
    await rm(file, { force: true });
  }
  for (const folder of [example.backups, example.logs]) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  }
}

/** By its ID, with every tag: one tag left would keep the layers, and the pull would bring nothing. */
async function removeImage(reference: string): Promise<void> {
  const found = await run(['docker', 'image', 'inspect', '--format', '{{.Id}}', reference]);
  if (found.code !== 0) return;
  await mustRun(['docker', 'image', 'rm', '--force', found.stdout.trim()]).catch(
    (cause: unknown) => {
      const why =
        'the bench needs it to be absent; end what else runs the example on this Docker engine';
      throw new Error(`${reference} can't be removed: ${why}`, { cause });
    },
  );
}
