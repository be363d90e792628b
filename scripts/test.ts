import { parseArgs } from 'node:util';
import { runSuite } from './suites/run-suite.ts';
import { selectSuites } from './suites/suites.ts';
import type { Suite } from './suites/suites.ts';
import { addUp, formatTally } from './suites/tally.ts';
import type { Tally } from './suites/tally.ts';
import { createStack } from './suites/with-stack.ts';
import type { Stack } from './suites/with-stack.ts';

interface Outcome {
  readonly suite: Suite;
  readonly tally: Tally;
  readonly seconds: number;
}

const skipsFail = process.env['CI'] === 'true';
let interrupted = false;
// The running suite gets the signal too and ends; we go on to tidy up.
process.on('SIGINT', () => (interrupted = true));
process.on('SIGTERM', () => (interrupted = true));

process.chdir(new URL('..', import.meta.url).pathname);
const selected = readArguments();
if (selected === undefined) process.exitCode = 2;
else process.exitCode = await runAll(selected);

async function runAll(toRun: readonly Suite[]): Promise<number> {
  const stack = createStack();
  const outcomes: Outcome[] = [];
  for (const suite of toRun) {
    if (interrupted) break;
    console.log(`\n=== ${suite.name}`);
    outcomes.push(await runOne(suite, stack));
  }
  printSummary(outcomes);
  const sum = addUp([...outcomes.map((outcome) => outcome.tally), await stopStack(stack)]);
  console.log(formatTally(sum));
  if (interrupted) return 130;
  return sum.failed > 0 ? 1 : 0;
}

async function runOne(suite: Suite, stack: Stack): Promise<Outcome> {
  const startedMs = performance.now();
  let tally: Tally;
  try {
    if (suite.kind === 'tests' && suite.needsStack) await stack.ensure();
    if (suite.kind === 'tests' && suite.needsCluster) await stack.ensureCluster();
    tally = await runSuite(suite, { skipsFail });
  } catch (error) {
    tally = failure(error);
  }
  return { suite, tally, seconds: (performance.now() - startedMs) / 1000 };
}

/** Counts only when it fails: what a run started and can't end is a defect. */
async function stopStack(stack: Stack): Promise<Tally> {
  try {
    await stack.stop();
    return addUp([]);
  } catch (error) {
    console.error('what this run started could not be stopped:', error);
    return failure(error);
  }
}

function failure(error: unknown): Tally {
  const problem = error instanceof Error ? error.message : String(error);
  return { passed: 0, failed: 1, skipped: 0, problems: [problem] };
}

function printSummary(outcomes: readonly Outcome[]): void {
  console.log('\n=== summary');
  for (const { suite, tally, seconds } of outcomes) {
    const problems = tally.problems.map((problem) => `; ${problem}`).join('');
    const name = suite.name.padEnd(14);
    console.log(`${name} ${seconds.toFixed(1).padStart(6)} s  ${formatTally(tally)}${problems}`);
  }
}

function readArguments(): readonly Suite[] | undefined {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
    return selectSuites(values.only ?? []);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error('usage: npm test [-- --only SUITE]...');
    return undefined;
  }
}
