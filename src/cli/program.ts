/**
 * The commands, their arguments and options. Each loads its own code when it is called, so that help is quick.
 */
import { Command } from 'commander';
import type { MessageCommand, MessageOptions } from './commands/message.ts';
import type { PlanOptions } from './commands/plan.ts';
import type { RbacOptions } from './commands/rbac.ts';
import type { RollbackOptions } from './commands/rollback.ts';
import type { StatusOptions } from './commands/status.ts';
import type { UpOptions } from './commands/up.ts';
import type { UpgradeOptions } from './commands/upgrade.ts';
import type { CommonOptions, EngineOptions } from './options.ts';
import { createOutput } from './output.ts';
import type { Output } from './output.ts';

/** Called with the exit code of whatever command ran. */
export type Finish = (exitCode: number) => void;

const MESSAGES: readonly (readonly [MessageCommand, string])[] = [
  ['approve', 'approve the plan that waits; it is named by its digest'],
  ['reject', 'reject the plan that waits: nothing is changed'],
  ['hold', 'stop before the next phase, until resumed'],
  ['resume', 'go on after a hold'],
  ['keep', 'accept what runs, without proof (parked operations only)'],
  ['retry', 'try the step again (parked operations only)'],
  ['abort', 'before the swap: stop; after it: go back; parked: close as parked'],
];

const FOOTER = `
Exit codes: 0 succeeded, 1 belay's own error, 2 bad input, 3 rolled back, 4 parked, 5 refused, 130 interrupted
(the operation goes on). Where no Temporal is configured, commands start one engine per user; Ctrl-C only stops watching.`;

/** Builds the command line. */
export function createProgram(version: string, finish: Finish): Command {
  const program = new Command('belay')
    .description('Upgrades self-hosted software durably: to the new version, or provably back.')
    .version(version)
    .showSuggestionAfterError()
    .addHelpText('after', FOOTER)
    .exitOverride();
  addOperations(program, finish);
  addViews(program, finish);
  for (const [name, description] of MESSAGES) addMessage(program, name, description, finish);
  addMachine(program, finish);
  return program;
}

function addOperations(program: Command, finish: Finish): void {
  engineCommand(program, 'plan <name>', 'show what an upgrade would do; changes nothing')
    .requiredOption('--to <version>', 'version to upgrade to')
    .option('--bundle <file>', 'take the images from this archive instead of the registry')
    .option('--even-if-unhealthy', 'plan although the running version is not healthy')
    .option('--accept <name>', 'accept a danger that a refusal named; may be repeated', collect, [])
    .action(async (name: string, options: PlanOptions) => {
      const { plan } = await import('./commands/plan.ts');
      finish(await plan(name, options, outputOf(options)));
    });
  engineCommand(program, 'upgrade <name>', 'upgrade a deployment and watch it to its end')
    .requiredOption('--to <version>', 'version to upgrade to')
    .option('--bundle <file>', 'take the images from this archive instead of the registry')
    .option('--by <who>', 'who asks; user@host by default')
    .option('--reason <text>', 'why, for the history')
    .option('--approval', 'wait for an approval of the plan')
    .option('--plan-digest <digest>', 'refuse unless the plan has this digest')
    .option('--now', 'do not wait for the maintenance window')
    .option('--soak <duration>', 'watch the new version this long before it is settled, e.g. 5m')
    .option('--even-if-unhealthy', 'upgrade although the running version is not healthy')
    .option('--accept <name>', 'accept a danger that a refusal named; may be repeated', collect, [])
    .option('--detach', 'start it and do not watch')
    .action(async (name: string, options: UpgradeOptions) => {
      const { upgrade } = await import('./commands/upgrade.ts');
      finish(await upgrade(name, options, outputOf(options)));
    });
  engineCommand(
    program,
    'rollback <name>',
    'go back to the previous version; also of an open upgrade',
  )
    .option('--to <version>', 'version to go back to; the previous one by default')
    .option('--to-revision <number>', "revision of the target's own history to go back to")
    .option('--accept <name>', 'accept a danger that a refusal named; may be repeated', collect, [])
    .option('--bundle <file>', 'take the images from this archive instead of the registry')
    .option('--by <who>', 'who asks; user@host by default')
    .option('--reason <text>', 'why, for the history')
    .option('--detach', 'start it and do not watch')
    .action(async (name: string, options: RollbackOptions) => {
      const { rollback } = await import('./commands/rollback.ts');
      finish(await rollback(name, options, outputOf(options)));
    });
}

function addViews(program: Command, finish: Finish): void {
  engineCommand(program, 'status [name]', 'what is open, or one operation in full')
    .option('-w, --watch', 'watch it to its end')
    .action(async (name: string | undefined, options: StatusOptions) => {
      const { status } = await import('./commands/status.ts');
      finish(await status(name, options, outputOf(options)));
    });
  engineCommand(program, 'history <name>', 'what was done to a deployment').action(
    async (name: string, options: EngineOptions) => {
      const { history } = await import('./commands/history.ts');
      finish(await history(name, options, outputOf(options)));
    },
  );
}

function addMessage(
  program: Command,
  name: MessageCommand,
  description: string,
  finish: Finish,
): void {
  const command = engineCommand(program, `${name} <name>`, description)
    .option('--by <who>', 'who asks; user@host by default')
    .option('--reason <text>', 'why, for the history');
  if (name === 'approve') {
    command.option(
      '--plan-digest <digest>',
      'the plan that is approved; its first 8 digits are enough',
    );
  }
  command.action(async (deployment: string, options: MessageOptions) => {
    const { message } = await import('./commands/message.ts');
    finish(await message(deployment, name, options, outputOf(options)));
  });
}

function addMachine(program: Command, finish: Finish): void {
  engineCommand(program, 'up', 'run the engine and its workers until Ctrl-C')
    .option('--site <name>', 'serve this site of a configured Temporal')
    .option('--control', 'with --site: also run workflows and read deployment files')
    .option('--install', 'write a systemd unit for this user')
    .option('--system', 'with --install: for the whole machine')
    .option('--stop', 'stop the engine of this user')
    .addOption(hidden(program, '--detached', 'started by a command: end when idle'))
    .action(async (options: UpOptions) => {
      const { up } = await import('./commands/up.ts');
      finish(await up(options, outputOf(options)));
    });
  engineCommand(program, 'doctor', 'check what belay needs on this machine').action(
    async (options: EngineOptions) => {
      const { doctor } = await import('./commands/doctor.ts');
      finish(await doctor(options, outputOf(options)));
    },
  );
  common(program, 'rbac <name>', 'print the permissions that a site worker needs on a cluster')
    .option('--service-account <name>', 'service account to bind; belay by default')
    .action(async (name: string, options: RbacOptions) => {
      const { rbac } = await import('./commands/rbac.ts');
      finish(await rbac(name, options, outputOf(options)));
    });
  common(program, 'schema <kind>', 'print the JSON Schema of a file: deployment, release').action(
    async (kind: string, options: CommonOptions) => {
      const { schema } = await import('./commands/schema.ts');
      finish(await schema(kind, outputOf(options)));
    },
  );
}

/** A repeated option. */
function collect(name: string, before: readonly string[]): readonly string[] {
  return [...before, name];
}

function engineCommand(program: Command, usage: string, description: string): Command {
  return common(program, usage, description).option(
    '--profile <name>',
    "profile of Temporal's configuration file",
  );
}

function common(program: Command, usage: string, description: string): Command {
  return program.command(usage).description(description).option('--json', 'print one JSON object');
}

function hidden(program: Command, flags: string, description: string) {
  return program.createOption(flags, description).hideHelp();
}

function outputOf(options: CommonOptions): Output {
  return createOutput(options);
}
