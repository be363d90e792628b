/**
 * `npm run demo`: the example application upgraded, then upgraded to a broken release and taken back by itself.
 * Leaves everything running until Ctrl-C; with `--once` it tears down and exits.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { buildImages } from '../examples/tenant-plane/images.ts';
import { ensureDocker, stopDocker } from './stack/docker.ts';
import { ensureRegistry, stopRegistry } from './stack/registry.ts';
import { Site } from './stack/site.ts';

const GOOD = '1.3.0';
const BROKEN = '1.3.1';

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
process.exitCode = await demo(values.once);

async function demo(leaveNothing: boolean): Promise<number> {
  const started = Date.now();
  say('A Docker engine, a registry on 127.0.0.1:5000, and the images of the example');
  const docker = await ensureDocker();
  const registry = await ensureRegistry();
  await buildImages({ versions: ['1.2.2', GOOD, BROKEN] });
  say('The example application, version 1.2.2, with its Postgres');
  const site = await Site.start({ name: 'acme', leftovers: 'refuse' });
  const color = process.stdout.isTTY ? { NO_COLOR: undefined } : {};
  const belay = (...args: string[]) => {
    say(`belay ${args.join(' ')}`);
    return site.belay(args, { show: true, env: color });
  };
  let result = 0;
  try {
    await belay('plan', 'acme', '--to', GOOD);
    const good = await belay('upgrade', 'acme', '--to', GOOD, '--reason', 'the demo');
    const bad = await belay(
      'upgrade',
      'acme',
      '--to',
      BROKEN,
      '--reason',
      'a release that is broken',
    );
    await belay('history', 'acme');
    const serving = await site.serving();
    say(
      `The good release exited ${good.code ?? '?'} (0: succeeded), the broken one ${bad.code ?? '?'} (3: rolled back); ${serving ?? 'nothing'} serves. ${seconds(started)} s in all`,
    );
    result = good.code === 0 && bad.code === 3 && serving === GOOD ? 0 : 1;
    if (!leaveNothing) await waitForInterrupt(site);
  } finally {
    await site.stop();
    if (registry.startedNow) await stopRegistry();
    if (docker.startedNow) await stopDocker();
  }
  return result;
}

async function waitForInterrupt(site: Site): Promise<void> {
  const ui = await site.uiUrl();
  const { env, example } = site;
  say('Everything goes on running; Ctrl-C tears it down. Where to look:');
  const lines = [
    `  the application   ${example.url}/api/health`,
    `  Temporal's UI     ${ui ?? 'see belay status'}`,
    `  the project       ${example.directory}`,
    `  belay itself      BELAY_STATE=${env['BELAY_STATE'] ?? ''} BELAY_DEPLOYMENTS=${example.deployments} bin/belay status`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const forever = setInterval(() => undefined, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(forever);
}

function say(text: string): void {
  process.stdout.write(`\n=== ${text}\n`);
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}
