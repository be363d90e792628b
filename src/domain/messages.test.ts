import { describe, expect, it } from 'vitest';
import { renderMessageTable } from './message-table.ts';
import { MESSAGE_NAMES, acceptedMessages, answerMessage } from './messages.ts';
import type { MessageName, Situation } from './messages.ts';
import type { Phase } from './operation.ts';

const ann = { by: 'ann', reason: 'because' };
const at = (phase: Phase, more: Partial<Situation> = {}): Situation => ({
  phase,
  held: false,
  swapped: false,
  ...more,
});

/** Every phase, as the workflow reaches it → what it takes. */
const TABLE: [Situation, MessageName[]][] = [
  [at('loading'), ['hold', 'abort']],
  [at('observing'), ['hold', 'abort']],
  [at('planning'), ['hold', 'abort']],
  [at('window'), ['hold', 'abort']],
  [at('approval'), ['approve', 'reject', 'hold', 'abort']],
  [at('approval', { held: true }), ['approve', 'reject', 'resume', 'abort']],
  [at('claiming'), ['hold', 'abort']],
  [at('backup'), ['hold', 'abort']],
  [at('fetch'), ['hold', 'abort']],
  [at('fetch', { held: true }), ['resume', 'abort']],
  [at('swap'), ['hold', 'abort']],
  [at('swap', { swapped: true }), ['hold', 'rollBack', 'abort']],
  [at('migrate', { swapped: true }), ['hold', 'rollBack', 'abort']],
  [at('judge', { swapped: true }), ['hold', 'rollBack', 'abort']],
  [at('judge', { swapped: true, held: true }), ['resume', 'rollBack', 'abort']],
  [at('soak', { swapped: true }), ['hold', 'rollBack', 'abort']],
  [at('settle', { swapped: true }), []],
  [at('evidence', { swapped: true }), []],
  [at('unwind', { swapped: true }), []],
  [at('judge-old', { swapped: true }), []],
  [at('parked', { swapped: true }), ['rollBack', 'keep', 'retry', 'abort']],
  [at('parked'), ['retry', 'abort']],
  [at('closed', { swapped: true }), []],
];

describe('answerMessage', () => {
  it.each(TABLE)('in %j takes %j', (situation, accepted) => {
    expect(acceptedMessages(situation)).toEqual(accepted);
    const digest = { ...situation, planDigest: 'd1' };
    for (const message of MESSAGE_NAMES) {
      const verdict = answerMessage(message, digest, { ...ann, planDigest: 'd1' });
      expect('action' in verdict, message).toBe(accepted.includes(message));
      if ('refused' in verdict) expect(verdict.refused.length, message).toBeGreaterThan(10);
    }
  });

  it.each<[MessageName, Situation, string]>([
    ['abort', at('backup'), 'stop'],
    ['abort', at('swap', { swapped: true }), 'unwind'],
    ['abort', at('parked', { swapped: true }), 'close-parked'],
    ['rollBack', at('parked', { swapped: true }), 'unwind'],
    ['keep', at('parked', { swapped: true }), 'keep'],
  ])('%s in %j means %s', (message, situation, action) => {
    expect(answerMessage(message, situation, ann)).toMatchObject({
      accepted: true,
      action,
      args: ann,
    });
  });

  it.each<[MessageName, Situation, string]>([
    ['rollBack', at('backup'), 'send abort'],
    ['rollBack', at('parked'), 'send abort'],
    ['abort', at('unwind', { swapped: true }), 'going back already'],
    ['abort', at('settle', { swapped: true }), '`belay rollback`'],
    ['keep', at('judge', { swapped: true }), 'only a parked operation'],
    ['resume', at('parked', { swapped: true }), 'retry, rollBack, keep or abort'],
    ['hold', at('fetch', { held: true }), 'held already'],
    ['restore', at('parked', { swapped: true }), 'not part of this version'],
    ['hold', at('closed'), 'closed'],
  ])('%s in %j is refused: %s', (message, situation, why) => {
    expect(answerMessage(message, situation, ann)).toMatchObject({
      refused: expect.stringContaining(why) as string,
    });
  });

  it.each<[MessageName, unknown, string]>([
    ['hold', undefined, '"by" is missing'],
    ['hold', null, '"by" is missing'],
    ['hold', 'ann', '"by" is missing'],
    ['hold', {}, '"by" is missing'],
    ['hold', { by: '  ' }, '"by" is missing'],
    ['hold', { by: 7 }, '"by" is missing'],
    ['hold', { by: 'ann', reason: 7 }, '"reason" is not a text'],
    ['abort', { by: 'ann' }, '"reason" is missing'],
    ['abort', { by: 'ann', reason: ' ' }, '"reason" is missing'],
    ['abort', { by: 'ann', reason: 'x'.repeat(2_001) }, 'too long'],
    ['hold', { by: 'x'.repeat(201) }, 'too long'],
  ])('%s with %j is refused: %s', (message, args, why) => {
    expect(answerMessage(message, at('fetch'), args)).toMatchObject({
      refused: expect.stringContaining(why) as string,
    });
  });

  it('needs no reason where nothing is thrown away', () => {
    expect(answerMessage('hold', at('fetch'), { by: ' ann ' })).toMatchObject({
      accepted: true,
      args: { by: 'ann', reason: '' },
    });
  });

  it('approves only the plan that waits', () => {
    const waiting = at('approval', { planDigest: 'd1' });
    expect(answerMessage('approve', waiting, ann)).toMatchObject({
      refused: expect.stringContaining('"planDigest" is missing') as string,
    });
    expect(answerMessage('approve', waiting, { ...ann, planDigest: 'd2' })).toMatchObject({
      refused: expect.stringContaining('is d1, not d2') as string,
    });
    expect(answerMessage('approve', at('approval'), { ...ann, planDigest: 'd1' })).toHaveProperty(
      'refused',
    );
    expect(answerMessage('approve', waiting, { by: 'ann', planDigest: 'd1' })).toMatchObject({
      action: 'approve',
    });
  });
});

it('renders one row per group of phases and one column per message', () => {
  const rows = renderMessageTable().split('\n');
  expect(rows).toHaveLength(13);
  for (const cells of rows) expect(cells.split('|')).toHaveLength(MESSAGE_NAMES.length + 3);
  expect(rows).toContain(
    '| parked, something was changed | – | – | – | – | unwinds | – | kept | tries again | closes parked |',
  );
});
