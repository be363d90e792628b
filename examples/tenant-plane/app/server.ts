import { setTimeout as delay } from 'node:timers/promises';
import { loopLifeMs, readBehaviour, slowStartMs } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';
import { connect } from './database.ts';
import { listen } from './listen.ts';
import type { Handler } from './listen.ts';
import { log, reasonOf } from './log.ts';
import { migrate } from './migrations.ts';
import { createApi } from './routes.ts';
import { readSettings } from './settings.ts';
import { stopOnSignals } from './shutdown.ts';

const port = 3000;
const migrations = new URL('./migrations/', import.meta.url);

/** Starts the service: settings, database, migrations, and only then the port. */
async function main(): Promise<void> {
  const onStop = stopOnSignals();
  const behaviour = await readBehaviour(new URL('./behaviour.json', import.meta.url));
  log('info', 'starting', { version: behaviour.version });
  await misbehaveAtStart(behaviour);

  const settings = readSettings(process.env);
  const pool = await connect(settings.databaseUrl);
  onStop(() => pool.end());
  if (settings.migrateOnStartup) await migrate(pool, migrations);

  const api = createApi({ behaviour, pool, migrations, serviceSecret: settings.serviceSecret });
  onStop(await listen(port, behaviour.kind === 'hang' ? neverAnswer : api));
  log('info', 'listening', { port, version: behaviour.version });
}

/** What goes wrong before the port is open in a build that went wrong; a good build does nothing. */
async function misbehaveAtStart({ kind }: Behaviour): Promise<void> {
  if (kind === 'crash') throw new Error('cannot load the license verifier: module is corrupt');
  if (kind === 'slow') await delay(slowStartMs);
  if (kind === 'loop') {
    await delay(loopLifeMs);
    log('info', 'nothing to do, ending');
    process.exit(0);
  }
}

const neverAnswer: Handler = () => new Promise(() => undefined);

try {
  await main();
} catch (error) {
  log('error', 'cannot start', { reason: reasonOf(error) });
  process.exit(1);
}
