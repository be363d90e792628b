import { describe, expect, test } from 'vitest';
import { BelayError } from '../../domain/errors.ts';
import { engineFailure, refuseMissingEngine } from './engine.ts';

const endpoint = { host: 'unix:///s', socketPath: '/s', origin: 'DOCKER_HOST' };
const error = (fields: object, message = 'x') => Object.assign(new Error(message), fields);

describe('whose fault the engine’s silence is', () => {
  test.each([
    [error({ code: 'ENOENT' }), 'engine-missing'],
    [error({ code: 'EACCES' }), 'engine-permission'],
    [error({ code: 'ECONNREFUSED' }), 'engine-unreachable'],
    [error({ code: 'ECONNRESET' }, 'socket hang up'), 'engine-unreachable'],
    [error({ statusCode: 500 }, 'internal'), 'engine-error'],
    [error({ statusCode: 500 }, 'write: no space left on device'), 'disk-full'],
  ])('%s: %s', (thrown, code) => {
    const failed = engineFailure(thrown, endpoint);
    expect(failed).toMatchObject({ fault: 'environment', code, cause: thrown });
    expect(failed.remedy).not.toBe('');
  });

  test('the remedy for a missing permission names the group', () =>
    expect(engineFailure(error({ code: 'EACCES' }), endpoint).remedy).toContain('docker group'));

  test('before anything changed, missing and forbidden are refused; unreachable is waited for', () => {
    const seen = ['ENOENT', 'EACCES', 'ECONNREFUSED'].map((code) => {
      const told = refuseMissingEngine(engineFailure(error({ code }), endpoint));
      return told instanceof BelayError ? told.fault : 'lost';
    });
    expect(seen).toEqual(['request', 'request', 'environment']);
  });
});
