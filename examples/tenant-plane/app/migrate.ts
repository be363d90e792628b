import { connect } from './database.ts';
import { log, reasonOf } from './log.ts';
import { migrate } from './migrations.ts';
import { readSettings } from './settings.ts';

// The one-off command of a deployment that does not migrate on startup. It prints what it did as one
// JSON line and exits 1 when a migration failed.
try {
  const pool = await connect(readSettings(process.env).databaseUrl);
  await migrate(pool, new URL('./migrations/', import.meta.url));
  await pool.end();
} catch (error) {
  log('error', 'cannot migrate', { reason: reasonOf(error) });
  process.exit(1);
}
