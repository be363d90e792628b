import { expect, test } from 'vitest';
import { addUp, formatTally, tallyCheck, tallyTests } from './tally.ts';

function report(passed: number, failed: number, pending = 0, todo = 0) {
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: todo,
  };
}

test.each([
  ['all passed', report(3, 0), 0, false, '3 passed, 0 failed'],
  ['one failed', report(2, 1), 1, false, '2 passed, 1 failed'],
  ['a file that cannot be loaded beside good tests', report(2, 0), 1, false, '2 passed, 1 failed'],
  ['no test at all', report(0, 0), 0, false, '0 passed, 1 failed'],
  ['nothing but skipped tests', report(0, 0, 2), 0, false, '0 passed, 1 failed, 2 skipped'],
  ['killed before the report', undefined, 137, false, '0 passed, 1 failed'],
  ['skipped on a desk', report(2, 0, 1, 1), 0, false, '2 passed, 0 failed, 2 skipped'],
  ['skipped in CI', report(2, 0, 1, 1), 0, true, '2 passed, 2 failed'],
])('%s', (_name, counted, exitCode, skipsFail, expected) => {
  expect(formatTally(tallyTests({ report: counted, exitCode, skipsFail }))).toBe(expected);
});

test('suites add up, each check as one', () => {
  const run = { exitCode: 0, skipsFail: false };
  const all = [
    tallyCheck(0),
    tallyCheck(2),
    tallyTests({ report: report(5, 0, 1), ...run }),
    tallyTests({ report: report(0, 0), ...run }),
  ];
  expect(formatTally(addUp(all))).toBe('6 passed, 2 failed, 1 skipped');
  expect(addUp(all).problems).toEqual(['exit code 2', 'ran no tests']);
});
