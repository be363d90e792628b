import { describe, expect, it } from 'vitest';
import { DatabaseQueryError, type Database } from '../domain/database.ts';
import { BelayError, failure } from '../domain/errors.ts';
import { quoteTable, readLedger } from './ledger.ts';
import { waitForLedger } from './wait-for-ledger.ts';

const { signal } = new AbortController();
const context = { signal, progress: () => undefined };

/** A database that answers (or throws) these in turn, the last one for ever. */
function scripted(...answers: readonly (readonly (number | string)[] | Error)[]): Database {
  let index = 0;
  return {
    query: () => {
      const answer = answers[Math.min(index++, answers.length - 1)] ?? [];
      return answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve(answer.map((version) => ({ version: String(version) })));
    },
  };
}

describe('quoteTable', () => {
  it.each([
    ['schema_migrations', '"schema_migrations"'],
    ['public.schema_migrations', '"public"."schema_migrations"'],
    ['Odd.Case', '"Odd"."Case"'],
  ])('%s → %s', (name, quoted) => {
    expect(quoteTable(name)).toBe(quoted);
  });

  it.each(['', 'a.b.c', 'a b', 'a"b', 'a; drop table b', '1st', 'x'.repeat(64), '.a', 'a.'])(
    'refuses %j',
    (name) => {
      expect(() => quoteTable(name)).toThrow(BelayError);
    },
  );
});

describe('readLedger', () => {
  it('sorts, and leaves out what is no whole number', async () => {
    const database = scripted([2018, '2001', '20260101_add', '007']);
    expect(await readLedger(database, 'ledger', signal)).toEqual([7, 2001, 2018]);
  });

  it.each(['42P01', '3F000'])('of a table that is not there (%s) is empty', async (state) => {
    const database = scripted(new DatabaseQueryError(state, 'no such thing'));
    expect(await readLedger(database, 'ledger', signal)).toEqual([]);
  });

  it.each(['42501', '42703'])('that may not be read (%s) is refused', async (state) => {
    const database = scripted(new DatabaseQueryError(state, 'no'));
    await expect(readLedger(database, 'ledger', signal)).rejects.toMatchObject({
      fault: 'request',
      code: 'ledger-unreadable',
    });
  });
});

describe('waitForLedger', () => {
  const away = failure('environment', 'database-starting', 'not yet', 'wait');
  const wait = {
    ledger: 'ledger',
    wanted: [2017, 2018],
    timeoutMs: 5_000,
    trouble: () => Promise.resolve(undefined),
  };

  it('ends when all are there, though the database was away meanwhile', async () => {
    const database = scripted([2016], away, [2016, 2017], [2016, 2017, 2018]);
    expect(await waitForLedger(database, wait, context)).toEqual({
      ended: 'complete',
      applied: [2016, 2017, 2018],
      missing: [],
    });
  });

  it('ends early when the container is gone, unless its last write completes the list', async () => {
    const trouble = () => Promise.resolve('acme-1 exited (1)');
    expect(await waitForLedger(scripted([2017]), { ...wait, trouble }, context)).toMatchObject({
      ended: 'trouble',
      why: 'acme-1 exited (1)',
      missing: [2018],
    });
    const done = scripted([2017, 2018]);
    expect(await waitForLedger(done, { ...wait, trouble }, context)).toMatchObject({
      ended: 'complete',
    });
  });

  it('ends at its time limit', async () => {
    const short = { ...wait, timeoutMs: 300 };
    expect(await waitForLedger(scripted([]), short, context)).toMatchObject({
      ended: 'timeout',
      missing: [2017, 2018],
    });
    await expect(waitForLedger(scripted(away), short, context)).rejects.toBe(away);
  });

  it('does not blame a container when the engine can’t say', async () => {
    const engine = failure('environment', 'engine-unreachable', 'gone', 'wait');
    const trouble = () => Promise.reject(engine);
    const database = scripted([], [2017, 2018]);
    expect(await waitForLedger(database, { ...wait, trouble }, context)).toMatchObject({
      ended: 'complete',
    });
  });

  it('stops with its context', async () => {
    const abort = new AbortController();
    const waiting = waitForLedger(scripted([]), wait, { ...context, signal: abort.signal });
    abort.abort(new Error('stop it'));
    await expect(waiting).rejects.toThrow();
  });
});
