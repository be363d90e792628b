/**
 * `belay up`: the engine and its workers, in the foreground until Ctrl-C. Commands start the same, detached.
 */
import { failure } from '../../domain/errors.ts';
import { whyNotName, LOCAL_SITE } from '../../domain/names.ts';
import type { EngineFile } from '../../engine/engine-file.ts';
import type { StartWorkers } from '../../engine/workers.ts';
import { EXIT } from '../exit-codes.ts';
import type { EngineOptions } from '../options.ts';
import type { Output } from '../output.ts';
import { belayVersion } from '../version.ts';

/** Options of the command. */
export interface UpOptions extends EngineOptions {
  readonly site?: string;
  readonly control?: boolean;
  readonly install?: boolean;
  readonly system?: boolean;
  readonly stop?: boolean;
  /** Set by commands that start an engine: it ends by itself when idle. */
  readonly detached?: boolean;
}

/** Runs until it is told to stop; exit 0 also when this user's engine runs already. */
export async function up(options: UpOptions, output: Output): Promise<number> {
  checkUpOptions(options);
  if (options.stop) return stop(output);
  if (options.install) return install(options, output);
  const { configuredTemporal } = await import('../../engine/configured.ts');
  const connection = configuredTemporal(options.profile);
  const stopping = stopSignal(output);
  if (connection === undefined) return runEmbeddedEngine(options, stopping, output);
  const [{ runConfiguredWorkers }, { deploymentFolders }] = await Promise.all([
    import('../../engine/configured-workers.ts'),
    import('../../config/deployment-folders.ts'),
  ]);
  const control = options.control ?? options.site === undefined;
  await runConfiguredWorkers({
    connection,
    site: options.site,
    control,
    deploymentFolders: deploymentFolders(process.env),
    startWorkers: startWorkersLazily(),
    stop: stopping,
    log: (line) => log(output, line),
    ready: () => {
      const serves = [control ? 'workflows' : '', options.site ? `site ${options.site}` : ''];
      output.say(`workers poll ${connection.address} (${serves.filter(Boolean).join(', ')})`);
    },
  });
  return EXIT.succeeded;
}

function checkUpOptions({ site, stop, install, system }: UpOptions): void {
  if (site !== undefined) {
    const why = site === LOCAL_SITE ? 'is the site of the embedded engine' : whyNotName(site);
    if (why) {
      throw failure(
        'request',
        'bad-site',
        `The site name ${JSON.stringify(site)} ${why}`,
        'Choose a name for this machine, such as its host name',
      );
    }
  }
  if (stop && install)
    throw failure(
      'request',
      'bad-option',
      '--stop and --install exclude each other',
      'Give one of them',
    );
  if (system && !install)
    throw failure(
      'request',
      'bad-option',
      '--system needs --install',
      'belay up --install --system',
    );
}

async function runEmbeddedEngine(
  options: UpOptions,
  stopping: AbortSignal,
  output: Output,
): Promise<number> {
  if (options.site !== undefined || options.control) {
    throw failure(
      'request',
      'site-without-temporal',
      '--site and --control are for workers of a Temporal that is configured, and none is',
      'Set TEMPORAL_ADDRESS or give --profile',
    );
  }
  const [{ runEmbedded }, { stateFolder }, { idleMs }, { deploymentFolders }] = await Promise.all([
    import('../../engine/embedded.ts'),
    import('../../engine/state-folder.ts'),
    import('../../engine/idle.ts'),
    import('../../config/deployment-folders.ts'),
  ]);
  const end = await runEmbedded({
    state: stateFolder(),
    env: process.env,
    belayVersion: belayVersion(),
    deploymentFolders: deploymentFolders(process.env),
    startWorkers: startWorkersLazily(),
    idleMs: options.detached ? idleMs() : undefined,
    stop: stopping,
    log: (line) => log(output, line),
    ready: (engine) => announce(engine, 'belay is up', output),
  });
  if (end.ended === 'not-started') announce(end.running, 'belay is up already', output);
  return EXIT.succeeded;
}

/** Loading the workers takes as long as starting the server: both at once. */
function startWorkersLazily(): StartWorkers {
  const loading = import('../../worker/index.ts');
  loading.catch(() => undefined);
  return async (request) => (await loading).startWorkers(request);
}

function announce(engine: EngineFile, what: string, output: Output): void {
  const { address, uiUrl, up: process } = engine;
  output.say(`${what}: Temporal at ${address}, UI at ${uiUrl}, process ${process.pid}`);
  output.answer({ engine });
}

async function stop(output: Output): Promise<number> {
  const [{ stopEngine }, { stateFolder }] = await Promise.all([
    import('../../engine/stop-engine.ts'),
    import('../../engine/state-folder.ts'),
  ]);
  const stopped = await stopEngine(stateFolder());
  output.say(
    stopped
      ? 'belay is down; what was open stands still until the next belay command'
      : 'belay was not up',
  );
  output.answer({ stopped: stopped !== undefined });
  return EXIT.succeeded;
}

async function install(options: UpOptions, output: Output): Promise<number> {
  const [{ installUnit }, { stateFolder }, { deploymentFolders }] = await Promise.all([
    import('../../engine/systemd.ts'),
    import('../../engine/state-folder.ts'),
    import('../../config/deployment-folders.ts'),
  ]);
  const unit = await installUnit({
    system: options.system === true,
    state: stateFolder(),
    deploymentFolders: deploymentFolders(process.env),
    env: process.env,
  });
  output.say(`wrote ${unit.file}; start it with:`);
  for (const command of unit.commands) output.say(`  ${command}`);
  output.answer({ unit });
  return EXIT.succeeded;
}

/** Aborted by the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(output: Output): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT.failed);
      log(output, `${signal}: ending what runs, then stopping`);
      controller.abort();
    });
  }
  return controller.signal;
}

function log(output: Output, line: string): void {
  output.note(`${new Date().toISOString()} ${line}`);
}
