/**
 * `belay status [NAME]`: what is open, or one operation in full.
 */
import { failure } from '../../domain/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import type { EngineOptions } from '../options.ts';
import { checkName } from '../options.ts';
import type { Output } from '../output.ts';
import { uiLink, withEngine } from '../with-engine.ts';
import type { Connected } from '../with-engine.ts';

/** Options of the command. */
export interface StatusOptions extends EngineOptions {
  readonly watch?: boolean;
}

/** Shows every deployment, or one. With `--watch` follows it to its end and exits with its code. */
export async function status(
  name: string | undefined,
  options: StatusOptions,
  output: Output,
): Promise<number> {
  if (name !== undefined) checkName(name);
  else if (options.watch) {
    throw failure(
      'request',
      'bad-option',
      '--watch needs a deployment',
      'belay status NAME --watch',
    );
  }
  return withEngine(options, output, (connected) =>
    name === undefined
      ? statusOfAll(connected, output)
      : statusOfOne(connected, name, options.watch === true, output),
  );
}

async function statusOfOne(
  connected: Connected,
  name: string,
  watching: boolean,
  output: Output,
): Promise<number> {
  const { look } = await import('../../client/look.ts');
  const view = await look(connected.client, name);
  if (view?.open && watching) {
    return follow(connected, { deployment: name, runId: view.runId }, output);
  }
  if (!view) {
    // Throws for a deployment that nobody knows.
    const { loadNamed } = await import('../load-named.ts');
    await loadNamed(name);
    output.say(`${name}: no operation so far`);
    output.answer({ deployment: name, open: false });
    return EXIT.succeeded;
  }
  const { statusLines } = await import('../render/status.ts');
  const ui = uiLink(connected.engine, view.workflowId, view.runId);
  for (const line of statusLines(view, Date.now(), output.style)) output.say(line);
  if (ui) output.say(output.style('dim', ui));
  output.answer({ ...view, ...(ui && { ui }) });
  return EXIT.succeeded;
}

async function statusOfAll({ client, engine }: Connected, output: Output): Promise<number> {
  const [{ listOpen }, { listDeployments }, { deploymentFolders }, { tableLines }] =
    await Promise.all([
      import('../../client/list.ts'),
      import('../../config/list-deployments.ts'),
      import('../../config/deployment-folders.ts'),
      import('../render/status.ts'),
    ]);
  const [open, files] = await Promise.all([
    listOpen(client),
    listDeployments(deploymentFolders(process.env)),
  ]);
  for (const line of tableLines(open, files, output.style)) output.say(line);
  output.say(output.style('dim', engine.uiUrl ?? `Temporal at ${engine.connection.address}`));
  const idle = files.filter(({ name }) => !open.some(({ deployment }) => deployment === name));
  output.answer({
    open,
    deployments: idle.map(({ name, file }) => ({ deployment: name, file })),
    temporal: { address: engine.connection.address, namespace: engine.connection.namespace },
    ...(engine.uiUrl && { ui: engine.uiUrl }),
  });
  return EXIT.succeeded;
}
