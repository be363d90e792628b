/**
 * Writes what is generated: docs/reference/ from the schemas, the table of messages into docs/operations.md, and what
 * belay's own chart grants a site worker.
 * `--check` writes nothing and fails when something would change.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { stringify } from 'yaml';
import { mergePermissions } from '../src/cluster/permissions.ts';
import { renderReference } from '../src/config/render-reference.ts';
import { SCHEMA_KINDS, schemaFor } from '../src/config/schema-for.ts';
import type { SchemaKind } from '../src/config/schema-for.ts';
import { renderMessageTable } from '../src/domain/message-table.ts';
import { neededPermissions as helmPermissions } from '../src/targets/helm/permissions.ts';
import { neededPermissions as kubernetesPermissions } from '../src/targets/kubernetes/permissions.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const INTRO: Readonly<Record<SchemaKind, string>> = {
  deployment: `# Deployment file

One installed copy of an application, \`<name>.yaml\`. It is looked for in the folders of
\`BELAY_DEPLOYMENTS\` (a list like \`PATH\`), else in \`./deployments\`, \`~/.config/belay/deployments\` and
\`/etc/belay/deployments\`.

- Relative paths are relative to the target's directory; that directory is relative to this file.
- Durations have a unit: \`500ms\`, \`90s\`, \`30m\`, \`1h30m\`, \`3d\`.
- Secrets are references, \`{env: NAME}\` or \`{file: path}\`, resolved at the site.
- Anchors, aliases and merge keys are welcome; an unknown key is an error.

\`\`\`yaml
name: acme
tenant: acme
labels: {ring: canary, region: eu}
target:
  compose:
    directory: /opt/shop
    files: [docker-compose.yml]
    components: {app: {image: registry.example.com/shop/app}}
version: {file: /app/.version}
backup:
  postgres: {url: {env: DATABASE_URL}, component: db, directory: /var/lib/belay/backups}
migrate: {how: startup, ledger: schema_migrations}
health: {url: "http://localhost:3000/api/health", expect: {status: ok}}
rollback: {on-failure: automatic}
releases: releases
\`\`\`
`,
  release: `# Release file

A version with what it needs, \`<version>.yaml\` in the directory that the deployment file names as \`releases\`.
Without one, the version is the tag and its migrations are assumed to leave the version before working; the plan says so.

\`\`\`yaml
version: 1.3.0
from: ">=1.2.0"
migrations:
  - {version: 2017, name: add_reports, kind: additive}
  - {version: 2018, name: add_report_index, kind: additive}
\`\`\`
`,
};

/** A generated file and its text. */
interface Generated {
  readonly file: string;
  readonly text: string;
}

function references(): Generated[] {
  return SCHEMA_KINDS.flatMap((kind) => {
    const schema = schemaFor(kind);
    const note = `Editors check it by [${kind}.schema.json](${kind}.schema.json); \`belay schema ${kind}\` prints the same.`;
    return [
      {
        file: `docs/reference/${kind}.schema.json`,
        text: `${JSON.stringify(schema, null, 2)}\n`,
      },
      {
        file: `docs/reference/${kind}.md`,
        text: `${INTRO[kind]}\n${note}\n\n${renderReference(schema)}\n`,
      },
    ];
  });
}

const MARKED = /(<!-- generated: messages -->\n)[\s\S]*?(<!-- \/generated -->)/;

async function operations(): Promise<Generated[]> {
  const file = 'docs/operations.md';
  const text = await read(file);
  if (text === undefined) return [];
  if (!MARKED.test(text)) throw new Error(`${file} lacks <!-- generated: messages -->`);
  const table = (await format(renderMessageTable(), { parser: 'markdown' })).trimEnd();
  const replaced = text.replace(
    MARKED,
    (_, open: string, close: string) => `${open}\n${table}\n\n${close}`,
  );
  return [{ file, text: replaced }];
}

/** A chart can ask no program: the rules of `belay rbac`, for both targets on a cluster, lie beside its templates. */
async function permissions(): Promise<Generated> {
  const all = mergePermissions([...helmPermissions(), ...kubernetesPermissions()]);
  const text = `# Generated from the permissions that the targets name: node scripts/generate.ts\n${stringify(all)}`;
  return {
    file: 'deploy/chart/files/permissions.yaml',
    text: await format(text, { parser: 'yaml', printWidth: 100, singleQuote: true }),
  };
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(join(ROOT, file), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const { file, text } of [...references(), ...(await operations()), await permissions()]) {
  if ((await read(file)) === text) continue;
  stale.push(file);
  if (check) continue;
  await mkdir(dirname(join(ROOT, file)), { recursive: true });
  await writeFile(join(ROOT, file), text);
}
if (stale.length === 0) console.log('generated files are up to date');
else if (!check) console.log(`wrote ${stale.join(', ')}`);
else {
  console.error(`stale: ${stale.join(', ')}\nRun: node scripts/generate.ts`);
  process.exitCode = 1;
}
