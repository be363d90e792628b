import { describe, expect, it } from 'vitest';
import type { Kind } from './behaviour.ts';
import { healthAnswer } from './health.ts';

describe('healthAnswer', () => {
  it.each<[Kind, answeredBefore: number, status: number, said: string]>([
    ['good', 0, 200, 'ok'],
    ['good', 1000, 200, 'ok'],
    ['slow', 0, 200, 'ok'],
    ['degraded', 0, 200, 'degraded'],
    ['unhealthy', 0, 503, 'unavailable'],
    ['flaky', 0, 200, 'ok'],
    ['flaky', 1, 200, 'ok'],
    ['flaky', 2, 503, 'unavailable'],
    ['flaky', 3, 503, 'unavailable'],
  ])('%s after %i answers: %i %s', (kind, answeredBefore, status, said) => {
    const answer = healthAnswer({ version: '9.9.9', kind }, true, answeredBefore);
    expect(answer).toEqual({ status, body: { status: said, version: '9.9.9' } });
  });

  it('is never healthy without its database', () => {
    const answer = healthAnswer({ version: '9.9.9', kind: 'good' }, false, 0);
    expect(answer.status).toBe(503);
  });
});
