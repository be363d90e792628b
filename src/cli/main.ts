/**
 * The entry point of `belay`.
 */
import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.ts';
import { createOutput, reportError } from './output.ts';
import { createProgram } from './program.ts';
import { belayVersion } from './version.ts';

const asksForJson = process.argv.includes('--json');
const program = createProgram(belayVersion(), (exitCode) => {
  process.exitCode = exitCode;
});
// With --json, mistakes in the command line are reported as JSON too, so nothing else may be printed.
if (asksForJson) silence(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode =
    error instanceof CommanderError
      ? usageExitCode(error)
      : reportError(error, createOutput({ json: asksForJson }));
}
// Open connections would keep the process. What was written is out: Node writes to files, pipes and terminals at once.
process.exit();

/** Help and version end well; everything else is bad input, which commander has explained already. */
function usageExitCode(error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.succeeded;
  if (asksForJson) {
    const message = error.message.replace(/^error: /, '');
    const remedy = 'belay --help';
    createOutput({ json: true }).answer({ error: { code: 'usage', message, remedy } });
  }
  return EXIT.badInput;
}

function silence(command: typeof program): void {
  command.configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) silence(child);
}
