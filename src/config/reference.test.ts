import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDeployment } from './load-deployment.ts';
import { loadRelease } from './load-release.ts';
import { renderReference } from './render-reference.ts';
import { schemaFor } from './schema-for.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-reference-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function exampleOf(kind: string): Promise<string> {
  const page = await readFile(new URL(`../../docs/reference/${kind}.md`, import.meta.url), 'utf8');
  return /```yaml\n([\s\S]*?)```/.exec(page)![1]!;
}

describe('the examples of the reference', () => {
  it('load as a deployment', async () => {
    await writeFile(join(folder, 'acme.yaml'), await exampleOf('deployment'));
    expect((await loadDeployment([folder], 'acme')).target.directory).toBe('/opt/shop');
  });

  it('load as a release', async () => {
    await writeFile(join(folder, '1.3.0.yaml'), await exampleOf('release'));
    expect((await loadRelease(folder, '1.3.0'))?.migrations).toHaveLength(2);
  });
});

describe('renderReference', () => {
  it('says for each key what it takes, its default and its meaning', () => {
    const rows = renderReference(schemaFor('deployment')).split('\n');
    expect(rows).toContain(
      '| `health.timeout` | duration | `90s` | How long a new version has to become healthy, counted only while it can be observed. |',
    );
    expect(rows).toContain(
      '| `target.compose.components.<name>.image` | text | **required** | Repository whose tag carries the version. |',
    );
    expect(rows).toContain('| `migrate.how` | `command` |  | A one-off command. |');
  });

  it('has a meaning for every key', () => {
    for (const kind of ['deployment', 'release'] as const) {
      const bare = renderReference(schemaFor(kind))
        .split('\n')
        .filter((row) => row.endsWith('|  |'));
      expect(bare).toEqual([]);
    }
  });
});
