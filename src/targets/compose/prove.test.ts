import { expect, test } from 'vitest';
import { proveEdit } from './prove.ts';

const before = {
  name: 'p',
  services: {
    app: { image: 'a:1', ports: [{ target: 80 }], environment: { T: '1' } },
    db: { image: 'd:1' },
  },
};
const withImage = (image: string) => ({
  ...before,
  services: { ...before.services, app: { ...before.services.app, image } },
});

test.each([
  ['only the planned image', withImage('a:2'), [], []],
  ['nothing at all', before, [], ['app']],
  ['another image', withImage('a:3'), [], ['app']],
  [
    'another service too',
    { ...withImage('a:2'), services: { ...withImage('a:2').services, db: { image: 'd:2' } } },
    ['services.db.image'],
    [],
  ],
  [
    'its environment too',
    {
      ...before,
      services: {
        ...before.services,
        app: { ...withImage('a:2').services.app, environment: { T: '2' } },
      },
    },
    ['services.app.environment.T'],
    [],
  ],
  [
    'a service gone',
    { name: 'p', services: { app: withImage('a:2').services.app } },
    ['services.db'],
    [],
  ],
  [
    'a list that became longer',
    {
      ...before,
      services: {
        ...before.services,
        app: { ...withImage('a:2').services.app, ports: [{ target: 80 }, { target: 81 }] },
      },
    },
    ['services.app.ports.1'],
    [],
  ],
])('%s', (_name, after, unplanned, missed) =>
  expect(proveEdit(before, after, { app: 'a:2' })).toEqual({ unplanned, missed }),
);
