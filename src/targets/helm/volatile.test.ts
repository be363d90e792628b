import { describe, expect, it } from 'vitest';
import { parseManifest } from './objects.ts';
import { steady, steadyHooks, VOLATILE } from './volatile.ts';

const job = (name: string, word = 'a') => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}}
spec: {template: {spec: {containers: [{name: a, image: a, args: [${word}, same]}]}}}
`;
const config = (words: string) => `apiVersion: v1
kind: ConfigMap
metadata: {name: words}
data: {${words}}
`;
const rendered = (...texts: readonly string[]) => parseManifest(texts.join('---\n'));

describe('two renderings of the same', () => {
  it('that agree are left as they are', () => {
    const both = rendered(job('a'), config('a: b'));
    expect(steady(both, rendered(job('a'), config('a: b')))).toEqual({
      objects: both,
      volatile: [],
    });
  });

  it('name the fields that differ, in lists too', () => {
    const { objects, volatile } = steady(rendered(job('a', 'x')), rendered(job('a', 'y')));
    expect(volatile).toEqual(['Job/a: spec.template.spec.containers[0].args[0]']);
    expect(JSON.stringify(objects)).toContain(`["${VOLATILE}","same"]`);
  });

  it('hold what only one of them has', () => {
    const first = steady(rendered(config('a: b, x: y')), rendered(config('a: b')));
    expect(first.volatile).toEqual(['ConfigMap/words: data.x']);
    const second = steady(rendered(config('a: b')), rendered(config('a: b, x: y')));
    expect(second.volatile).toEqual(['ConfigMap/words: data.x']);
    expect(JSON.stringify(second.objects)).toBe(JSON.stringify(first.objects));
  });

  it('are the same whatever chance made of the names', () => {
    const once = steady(
      rendered(job('m-abc'), config('a: b')),
      rendered(job('m-xyz'), config('a: b')),
    );
    const again = steady(
      rendered(job('m-123'), config('a: b')),
      rendered(job('m-456'), config('a: b')),
    );
    expect(once).toEqual(again);
    expect(once.volatile).toEqual([`Job/${VOLATILE}: metadata.name`]);
    expect(once.objects.map(({ kind }) => kind)).toEqual(['Job', 'ConfigMap']);
  });

  it('leave hooks’ names out that differ', () => {
    const hook = (name: string) => ({ name, events: ['pre-upgrade'] });
    expect(
      steadyHooks([hook('Job/a'), hook('Job/m-abc')], [hook('Job/a'), hook('Job/m-xyz')]),
    ).toEqual([hook('Job/a'), hook(`Job/${VOLATILE}`)]);
  });
});
