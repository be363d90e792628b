import { describe, expect, test } from 'vitest';
import { parseTemplate, solveTemplate } from './template.ts';

const values = new Map(
  Object.entries({ TAG: '1.2', REPO: 'r.io/a', IMAGE: 'r.io/a:1.2', X: '1', Y: '1' }),
);

describe('solveTemplate', () => {
  test.each([
    ['r.io/a:${TAG}', 'r.io/a:1.3', { variable: 'TAG', value: '1.3' }],
    ['r.io/a:$TAG', 'r.io/a:1.3', { variable: 'TAG', value: '1.3' }],
    ['${IMAGE}', 'r.io/a:1.3', { variable: 'IMAGE', value: 'r.io/a:1.3' }],
    ['${REPO}:${TAG}', 'r.io/a:1.3', { variable: 'TAG', value: '1.3' }],
    ['${REPO}:${TAG:?set it}', 'r.io/b:1.2', { variable: 'REPO', value: 'r.io/b' }],
    ['${HOST:-r.io}/a:${TAG}', 'r.io/a:1.3', { variable: 'TAG', value: '1.3' }],
    ['r.io/a:v${TAG}-slim', 'r.io/a:v1.3-slim', { variable: 'TAG', value: '1.3' }],
  ])('%s → %s', (text, wanted, change) =>
    expect(solveTemplate(parseTemplate(text) ?? [], values, wanted)).toEqual(change),
  );

  test.each([
    ['r.io/a:${TAG}', 'r.io/b:1.3', 'another repository'],
    ['r.io/a:v${TAG}', 'r.io/a:1.3', 'another prefix'],
    ['${REPO}:${TAG}', 'r.io/b:1.3', 'two would have to change'],
    ['r.io/a:${TAG}${TAG}', 'r.io/a:1.31.3', 'twice the same'],
    ['r.io/a:${X}${Y}', 'r.io/a:111', 'either could'],
  ])('%s → %s: none (%s)', (text, wanted) =>
    expect(solveTemplate(parseTemplate(text) ?? [], values, wanted)).toBeUndefined(),
  );
});

test.each(['a:$$TAG', 'a:${TAG:+x}', 'a:${TAG:-${B}}', 'a:${', 'a:${TAG', 'a:$1'])(
  '%s is not understood',
  (text) => expect(parseTemplate(text)).toBeUndefined(),
);
