/** Takes a backup in a process of its own, for tests that kill it: `node backup-worker.ts URL BIN DIRECTORY RUN`. */
import { createPostgresBackup } from '../../src/backup/postgres.ts';

const [url = '', bin = '', directory = '', runId = ''] = process.argv.slice(2);
const backup = createPostgresBackup({
  deployment: 'acme',
  settings: { url: { env: 'DATABASE_URL' }, directory, keep: 5, timeoutMs: 60_000 },
  lookups: {
    deployment: 'acme',
    environment: { DATABASE_URL: url, BELAY_PG_BIN: bin },
    variable: () => Promise.resolve(undefined),
  },
  inside: () => () => Promise.reject(new Error('nothing runs in a container here')),
});
await backup.take(
  { version: '1.2.2', stamp: '20260326T100000', runId },
  { signal: new AbortController().signal, progress: () => undefined },
);
