import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findVersions, versions } from './versions.ts';

describe('versions', () => {
  it('are all different', () => {
    const names = versions.map(({ version }) => version);
    expect(new Set(names).size).toBe(names.length);
  });

  it('name only broken migrations that exist', async () => {
    const files = await readdir(new URL('./broken/', import.meta.url));
    const named = versions.flatMap(({ brokenMigration }) => brokenMigration ?? []);
    expect(named).toEqual(files);
  });

  it('are found by name, and an unknown one is an error that lists them', () => {
    expect(findVersions(['1.3.0']).map(({ newestMigration }) => newestMigration)).toEqual([2018]);
    expect(() => findVersions(['1.3.0', '7.0.0'])).toThrow(/no version 7\.0\.0; it has 1\.2\.1, /);
  });
});
