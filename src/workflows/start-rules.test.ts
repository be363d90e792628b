import { describe, expect, it } from 'vitest';
import { whyNotStart, type StartInfo } from './start-rules.ts';

const proper: StartInfo = {
  workflowId: 'deployment/acme',
  workflowType: 'upgrade',
  taskQueue: 'belay',
};
const codes = (info: Partial<StartInfo>, deployment: unknown = 'acme') =>
  whyNotStart({ ...proper, ...info }, deployment, 'deployment/acme').map(({ code }) => code);

describe('whyNotStart', () => {
  it('takes a proper start', () => {
    expect(codes({})).toEqual([]);
    expect(codes({ executionTimeoutMs: 0, runTimeoutMs: 0 }), 'as the Temporal CLI').toEqual([]);
  });

  it.each([
    [{ workflowId: 'upgrade-acme' }, 'wrong-workflow-id'],
    [{ executionTimeoutMs: 1 }, 'workflow-timeout'],
    [{ runTimeoutMs: 1 }, 'workflow-timeout'],
    [{ retryPolicy: { maximumAttempts: 2 } }, 'workflow-repeat'],
    [{ cronSchedule: '@daily' }, 'workflow-repeat'],
  ])('refuses %j', (info, code) => {
    expect(codes(info)).toEqual([code]);
  });

  it.each(['a/b', '..', 'two words', 'a'.repeat(300), '', 'UPPER'])(
    'refuses the name %j',
    (name) => {
      expect(codes({}, name)).toEqual(['bad-name']);
    },
  );

  it('tells everything at once', () => {
    expect(codes({ workflowId: 'x', runTimeoutMs: 1, cronSchedule: '* * * * *' })).toEqual([
      'wrong-workflow-id',
      'workflow-timeout',
      'workflow-repeat',
    ]);
  });
});
