import { expect, test } from 'vitest';
import { BelayError } from '../domain/errors.ts';
import { explainCall, isUnreachable } from './unreachable.ts';

function grpc(code: number, details: string): Error {
  const inner = Object.assign(new Error(`${code}: ${details}`), { code, details });
  return new Error('failed to start Workflow', { cause: inner });
}

test.each([
  [14, true, 'temporal-unreachable', 'Temporal at h:1 does not answer: down'],
  [4, true, 'temporal-unreachable', 'Temporal at h:1 does not answer: down'],
  [7, false, 'temporal-permission', 'Temporal at h:1 refuses these credentials: down'],
  [16, false, 'temporal-permission', 'Temporal at h:1 refuses these credentials: down'],
  [3, false, 'temporal-call', 'Temporal at h:1 answered: down'],
])('gRPC code %i', (code, unreachable, name, message) => {
  const error = grpc(code, 'down');
  expect(isUnreachable(error)).toBe(unreachable);
  const explained = explainCall(error, 'h:1');
  expect(explained).toBeInstanceOf(BelayError);
  expect(explained).toMatchObject({ fault: 'environment', code: name, message });
});

test('what Temporal has no part in stays as it is', () => {
  const error = Object.assign(new Error('no file'), { code: 'ENOENT' });
  expect(isUnreachable(error)).toBe(false);
  expect(explainCall(error, 'h:1')).toBe(error);
});
