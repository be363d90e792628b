import { expect, test } from 'vitest';
import type { BelayError } from '../domain/errors.ts';
import { placeByRepository, placeComponents, type DeclaredWorkload } from './place-images.ts';

const declared = (name: string, images: DeclaredWorkload['images']): DeclaredWorkload => ({
  ref: { kind: 'Deployment', name },
  images,
});
const component = (image: string) => ({ image, tag: '{version}' });
const half = [
  declared('web', { web: 'r/app:2', proxy: 'r/proxy:9' }),
  declared('worker', { worker: 'r/app:1' }),
];

test('a component is found wherever its image runs, in one version', () => {
  const same = [half[0]!, declared('worker', { worker: 'r/app:2' })];
  const places = {
    app: [
      { ref: same[0]!.ref, containers: ['web'] },
      { ref: same[1]!.ref, containers: ['worker'] },
    ],
  };
  const references = { app: 'r/app:2' };
  const components = { app: component('r/app') };
  expect(placeComponents(same, components)).toEqual({ places, references });
  expect(placeByRepository(same, components)).toEqual(places);
  expect(placeByRepository(half, components)).toEqual(places);
});

test('every reason against it is told at once', () => {
  const components = {
    app: component('r/app'),
    again: component('r/app'),
    none: component('r/none'),
  };
  const codes = (place: () => unknown) => {
    try {
      place();
    } catch (error) {
      return (error as BelayError).refusals.map(({ code }) => code);
    }
    return [];
  };
  expect(codes(() => placeComponents(half, components))).toEqual([
    'component-mixed',
    'component-mixed',
    'component-missing',
    'component-twice',
  ]);
  expect(codes(() => placeByRepository(half, components))).toEqual([
    'component-missing',
    'component-twice',
  ]);
});
