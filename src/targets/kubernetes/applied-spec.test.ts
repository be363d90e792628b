import { expect, test } from 'vitest';
import { appliedSpec } from './applied-spec.ts';
import { imageManagers } from './field-managers.ts';

const template = {
  spec: {
    containers: [
      { name: 'web', image: 'r/web:1' },
      { name: 'other', image: 'r/other:1' },
      { name: 'proxy', image: 'r/proxy:1' },
    ],
    initContainers: [{ name: 'before', image: 'r/web:1' }],
  },
};

function owner(manager: string, operation: string, list: string, ...names: readonly string[]) {
  const containers = Object.fromEntries(
    names.map((name) => [`k:{"name":"${name}"}`, { '.': {}, 'f:name': {}, 'f:image': {} }]),
  );
  const fieldsV1 = { 'f:spec': { 'f:template': { 'f:spec': { [`f:${list}`]: containers } } } };
  return { manager, operation, fieldsV1 };
}

test('only what changes, where nothing was applied before', () => {
  const metadata = { managedFields: [owner('kubectl', 'Update', 'containers', 'web', 'other')] };
  expect(appliedSpec({ template, metadata }, { web: 'r/web:2' })).toEqual({
    containers: [{ name: 'web', image: 'r/web:2' }],
  });
});

test('what belay applied before stays applied', () => {
  const metadata = {
    managedFields: [
      owner('belay', 'Apply', 'containers', 'web', 'other', 'gone'),
      owner('belay', 'Apply', 'initContainers', 'before'),
      // A template that was put back whole is no apply.
      owner('belay', 'Update', 'containers', 'proxy'),
    ],
  };
  expect(appliedSpec({ template, metadata }, { web: 'r/web:2' })).toEqual({
    containers: [
      { name: 'web', image: 'r/web:2' },
      { name: 'other', image: 'r/other:1' },
    ],
    initContainers: [{ name: 'before', image: 'r/web:1' }],
  });
});

test('an init container is changed in its own list', () => {
  expect(appliedSpec({ template, metadata: {} }, { before: 'r/web:2' })).toEqual({
    containers: [],
    initContainers: [{ name: 'before', image: 'r/web:2' }],
  });
});

test('who managed an image, belay left out', () => {
  const managedFields = [
    owner('kubectl', 'Update', 'containers', 'web'),
    owner('belay', 'Apply', 'containers', 'web'),
    owner('helm', 'Update', 'containers', 'other'),
  ];
  expect(imageManagers({ managedFields }, 'web')).toEqual(['kubectl']);
  expect(imageManagers({ managedFields }, 'proxy')).toEqual([]);
});
