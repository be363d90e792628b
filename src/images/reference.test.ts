import { describe, expect, test } from 'vitest';
import {
  canonicalReference,
  isSameRepository,
  parseReference,
  writtenRepository,
} from './reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('parseReference', () => {
  test.each([
    ['redis', { domain: 'docker.io', path: 'library/redis' }],
    ['redis:7', { domain: 'docker.io', path: 'library/redis', tag: '7' }],
    ['atlasai/app:1', { domain: 'docker.io', path: 'atlasai/app', tag: '1' }],
    ['docker.io/atlasai/app', { domain: 'docker.io', path: 'atlasai/app' }],
    ['index.docker.io/redis:7', { domain: 'docker.io', path: 'library/redis', tag: '7' }],
    ['127.0.0.1:5000/a/b:1', { domain: '127.0.0.1:5000', path: 'a/b', tag: '1' }],
    ['localhost/a', { domain: 'localhost', path: 'a' }],
    ['[::1]:5000/a:x', { domain: '[::1]:5000', path: 'a', tag: 'x' }],
    ['ghcr.io/o/app:v1.2_3', { domain: 'ghcr.io', path: 'o/app', tag: 'v1.2_3' }],
    [`r.io/a:1@${DIGEST}`, { domain: 'r.io', path: 'a', tag: '1', digest: DIGEST }],
    [`r.io/a@${DIGEST}`, { domain: 'r.io', path: 'a', digest: DIGEST }],
  ])('%s', (text, parsed) => expect(parseReference(text)).toEqual(parsed));

  test.each([
    '',
    'App',
    'r.io/App',
    'a//b',
    'a:',
    'a: b',
    'r.io/a@sha256:12',
    'r.io/a:1@x@y',
    'a:té',
    `a:${'x'.repeat(129)}`,
    '../a',
    'a b',
  ])('refuses %j', (text) => expect(parseReference(text)).toBeUndefined());
});

test('one image written in several ways is one image', () => {
  expect(canonicalReference('redis')).toBe('docker.io/library/redis:latest');
  expect(canonicalReference('docker.io/library/redis:latest')).toBe(canonicalReference('redis'));
  expect(isSameRepository('redis:6', 'docker.io/library/redis:7')).toBe(true);
  expect(isSameRepository('redis', 'r.io/redis')).toBe(false);
  expect(isSameRepository('not an image', 'not an image')).toBe(false);
});

test.each([
  ['127.0.0.1:5000/a/b:1', '127.0.0.1:5000/a/b'],
  ['127.0.0.1:5000/a/b', '127.0.0.1:5000/a/b'],
  [`redis:7@${DIGEST}`, 'redis'],
])('repository of %s as it was written', (text, repository) =>
  expect(writtenRepository(text)).toBe(repository),
);
