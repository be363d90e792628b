import { expect, it } from 'vitest';
import { isOfRepository, referenceFor, versionOfReference, whyNotVersion } from './image-tag.ts';

const app = { image: '127.0.0.1:5000/shop/app', tag: '{version}' };
const alpine = { image: 'shop/app', tag: 'v{version}-alpine' };

it('fills the version into the tag', () => {
  expect(referenceFor(app, '1.3.0')).toBe('127.0.0.1:5000/shop/app:1.3.0');
  expect(referenceFor(alpine, '1.3.0')).toBe('shop/app:v1.3.0-alpine');
});

it.each([
  [app, '127.0.0.1:5000/shop/app:1.2.2', '1.2.2'],
  [app, '127.0.0.1:5000/shop/app:1.2.2@sha256:abc', '1.2.2'],
  [app, '127.0.0.1:5000/shop/app', undefined],
  [app, '127.0.0.1:5000/shop/app@sha256:abc', undefined],
  [alpine, 'shop/app:v1.2.2-alpine', '1.2.2'],
  [alpine, 'shop/app:v-alpine', undefined],
  [alpine, 'shop/app:1.2.2', undefined],
])('reads with %j from %s the version %s', (component, reference, version) => {
  expect(versionOfReference(component, reference)).toBe(version);
});

it.each([
  [app, '127.0.0.1:5000/shop/app:1', true],
  [app, 'shop/app:1', false],
  [alpine, 'docker.io/shop/app:1@sha256:abc', true],
  [{ image: 'redis', tag: '{version}' }, 'docker.io/library/redis:7', true],
  [alpine, 'shop/app2:1', false],
])('%j and %s name one repository: %s', (component, reference, same) => {
  expect(isOfRepository(component, reference)).toBe(same);
});

it.each(['1.3.0', 'v1', '2026-03-26', 'latest', '1.4.0-rc.1', '_x'])(
  '%s can be a version',
  (version) => expect(whyNotVersion(version)).toBeUndefined(),
);
it.each(['', '../x', '.1', '-1', 'a b', '1.3.0+build', 'a/b', 'x'.repeat(129), '1\n'])(
  '%j can not be a version',
  (version) => expect(whyNotVersion(version)).toBeDefined(),
);
