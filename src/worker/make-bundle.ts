/** Bundles the workflows into the file named by the first argument; run by `bundle.ts` in a process of its own. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const nothing = () => undefined;
const quiet = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

const [, , target] = process.argv;
if (target === undefined) throw new Error('make-bundle: no file is named');
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(
    new URL(`../workflows/index${import.meta.url.slice(-3)}`, import.meta.url),
  ),
  logger: quiet,
});
await writeFile(target, code, { mode: 0o600 });
