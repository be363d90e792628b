import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { listMigrations } from './migrations.ts';

describe('listMigrations', () => {
  it('orders by version, whatever the order of the files', () => {
    const files = ['2010_b.sql', '2002_a.sql'];
    expect(listMigrations(files)).toEqual([
      { version: 2002, name: 'a', file: '2002_a.sql' },
      { version: 2010, name: 'b', file: '2010_b.sql' },
    ]);
  });

  it.each(['README.md', '17_short.sql', '2001-dash.sql', '2001_Upper.sql', '2001_.sql'])(
    'refuses the name %s',
    (file) => {
      expect(() => listMigrations([file])).toThrow(`migration ${file}: expected a name like`);
    },
  );

  it('refuses two migrations of one version', () => {
    expect(() => listMigrations(['2001_b.sql', '2001_a.sql'])).toThrow('have the same version');
  });

  it('finds 2001 to 2018 without a gap in what the application ships', async () => {
    const shipped = listMigrations(await readdir(new URL('./migrations/', import.meta.url)));
    const expected = Array.from({ length: 18 }, (_, index) => 2001 + index);
    expect(shipped.map(({ version }) => version)).toEqual(expected);
    expect(shipped.at(-2)?.name).toBe('universal_automation_framework');
    expect(shipped.at(-1)?.name).toBe('create_baseline_snapshots');
  });
});
