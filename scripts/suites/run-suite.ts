import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Suite } from './suites.ts';
import { tallyCheck, tallyTests, testReportSchema } from './tally.ts';
import type { Tally, TestReport } from './tally.ts';

/** How a suite is run. */
export interface SuiteOptions {
  /** Whether a skipped test counts as failed. */
  readonly skipsFail: boolean;
}

/** Runs one suite and counts it. */
export async function runSuite(suite: Suite, { skipsFail }: SuiteOptions): Promise<Tally> {
  if (suite.kind === 'check') return tallyCheck(await run(suite.program, suite.args));
  const directory = mkdtempSync(join(tmpdir(), 'belay-test-report-'));
  const file = join(directory, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const args = ['run', '--project', suite.name, ...reporters];
    const exitCode = await run('vitest', args);
    return tallyTests({ report: readReport(file), exitCode, skipsFail });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The exit code; as a shell says it (128 + signal) for a program that was killed. */
function run(program: string, args: readonly string[]): Promise<number> {
  const own = [resolve('node_modules/.bin'), dirname(process.execPath)];
  const path = [...own, process.env['PATH']].join(delimiter);
  return new Promise<number>((resolveExit, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: path },
    });
    child.once('error', (cause) =>
      reject(new Error(`${program} cannot be started: sh scripts/setup`, { cause })),
    );
    child.once('exit', (code, signal) =>
      resolveExit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

/** Nothing when vitest died before it wrote the report, or wrote something else. */
function readReport(file: string): TestReport | undefined {
  try {
    return testReportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
