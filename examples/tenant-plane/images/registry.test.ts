import { describe, expect, it } from 'vitest';
import { parseReference } from './registry.ts';

describe('parseReference', () => {
  it('takes a reference apart', () => {
    expect(parseReference('127.0.0.1:5000/atlasai/tenant-plane:1.4.0-slow')).toEqual({
      registry: '127.0.0.1:5000',
      repository: 'atlasai/tenant-plane',
      tag: '1.4.0-slow',
    });
  });

  it.each(['tenant-plane:1', '127.0.0.1:5000/x', '127.0.0.1:5000/x@sha256:0'])(
    'refuses %s',
    (reference) => {
      expect(() => parseReference(reference)).toThrow('expected host:port/repository:tag');
    },
  );
});
