import { z } from 'zod';

/** What a suite, or all of them, came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed beside single tests, for the summary. */
  readonly problems: readonly string[];
}

/** The part of vitest's JSON report that is counted. */
export const testReportSchema = z.object({
  numPassedTests: z.int().nonnegative(),
  numFailedTests: z.int().nonnegative(),
  numPendingTests: z.int().nonnegative(),
  numTodoTests: z.int().nonnegative(),
});

export type TestReport = z.infer<typeof testReportSchema>;

/**
 * Counts a run of tests so that nothing passes silently: a file that could not be loaded, a run
 * that executed no test and, where `skipsFail` (in CI), a skipped test are failures.
 */
export function tallyTests(run: {
  report: TestReport | undefined;
  exitCode: number;
  skipsFail: boolean;
}): Tally {
  if (run.report === undefined) {
    return { passed: 0, failed: 1, skipped: 0, problems: ['ended without a report'] };
  }
  const problems: string[] = [];
  const passed = run.report.numPassedTests;
  const skipped = run.report.numPendingTests + run.report.numTodoTests;
  let failed = run.report.numFailedTests;
  if (passed + failed === 0) problems.push('ran no tests');
  else if (run.exitCode !== 0 && failed === 0) {
    problems.push(`exit code ${run.exitCode} without a failed test: see its output`);
  }
  failed += problems.length;
  if (skipped > 0 && run.skipsFail) {
    problems.push(`${skipped} skipped, which CI takes as failed`);
    return { passed, failed: failed + skipped, skipped: 0, problems };
  }
  return { passed, failed, skipped, problems };
}

/** Counts a check: one, passed or failed. */
export function tallyCheck(exitCode: number): Tally {
  return exitCode === 0
    ? { passed: 1, failed: 0, skipped: 0, problems: [] }
    : { passed: 0, failed: 1, skipped: 0, problems: [`exit code ${exitCode}`] };
}

/** All suites together. */
export function addUp(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, tally) => ({
      passed: sum.passed + tally.passed,
      failed: sum.failed + tally.failed,
      skipped: sum.skipped + tally.skipped,
      problems: [...sum.problems, ...tally.problems],
    }),
    { passed: 0, failed: 0, skipped: 0, problems: [] },
  );
}

/** `3 passed, 0 failed`, and `, 1 skipped` only when some were. */
export function formatTally(tally: Tally): string {
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}
