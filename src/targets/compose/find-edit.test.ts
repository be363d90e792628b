import { describe, expect, test } from 'vitest';
import { BelayError } from '../../domain/errors.ts';
import { parseComposeFile } from './compose-file.ts';
import { parseEnvFile } from './env-file.ts';
import { findEdits } from './plan-edit.ts';
import { renderDiff } from './preview.ts';
import type { Project } from './project.ts';

const FROM = '127.0.0.1:5000/a/app:1.2.2';
const TO = '127.0.0.1:5000/a/app:1.3.0';

function project(files: readonly string[], env?: string): Project {
  return {
    directory: '/p',
    composeFiles: files.map((text, i) => parseComposeFile(`/p/${'abc'[i] ?? 'x'}.yml`, text)),
    envFiles: env === undefined ? [] : [{ path: '/p/.env', text: env, ...parseEnvFile(env) }],
    profiles: [],
  };
}

function edit(from: Project, reference: string, service = 'app') {
  const pins = { [service]: { reference, imageId: 'sha256:0' } };
  const [file] = findEdits(from, pins, new Set(['HOME', 'PATH']));
  return file;
}

/** Replaces in the project what the edit replaces on the disk. */
function edited(from: Project, file: { path: string; after: string }): Project {
  return project(
    from.composeFiles.map(({ path, text }) => (path === file.path ? file.after : text)),
    from.envFiles.map(({ path, text }) => (path === file.path ? file.after : text))[0],
  );
}

const literals: readonly [string, string][] = [
  ['plain', `services:\n  app:\n    image: ${FROM}\n`],
  ['trailing comment with a decoy', `services:\n  app:\n    image: ${FROM} # was ${FROM}\n`],
  ['double quotes', `services:\n  app:\n    image: "${FROM}"\n`],
  ['single quotes', `services:\n  app:\n    image: '${FROM}'   # x\n`],
  ['CRLF', `services:\r\n  app:\r\n    image: ${FROM}\r\n    restart: always\r\n`],
  ['BOM', `\uFEFFservices:\n  app:\n    image: ${FROM}\n`],
  ['no final newline', `services:\n  app:\n    image: ${FROM}`],
  ['flow style', `services: {app: {image: "${FROM}", environment: {P: s3cret}}}\n`],
  [
    'decoys',
    `# image: ${FROM}\nservices:\n  # app: {image: ${FROM}}\n  db: {image: ${FROM}}\n  app:\n    labels: {x: ${FROM}}\n    image: ${FROM}\n`,
  ],
  [
    'over a merge key',
    `x-a: &a {restart: always}\nservices:\n  app:\n    <<: *a\n    image: ${FROM}\n`,
  ],
  ['anchored service', `services:\n  app: &app\n    image: ${FROM}\n`],
  ['non-ASCII before it', `# Größe – ✓\nservices:\n  app:\n    image: ${FROM} # ✓\n`],
];

describe('a literal image', () => {
  test.each(literals)('%s: only its bytes change, and come back', (_name, text) => {
    const there = edit(project([text]), TO);
    const at = there?.edits[0]?.start ?? -1;
    expect(there?.after).toBe(text.slice(0, at) + TO + text.slice(at + FROM.length));
    expect(text.slice(at, at + FROM.length)).toBe(FROM);
    const back = edit(project([there?.after ?? '']), FROM);
    expect(back?.after).toBe(text);
  });

  test('nothing to do is no edit', () =>
    expect(edit(project([`services:\n  app:\n    image: ${TO}\n`]), TO)).toBeUndefined());

  test('an image without a tag gets one, and loses it again', () => {
    const text = 'services:\n  app:\n    image: a/app\n';
    const there = edit(project([text]), 'a/app:2');
    expect(there?.after).toBe('services:\n  app:\n    image: a/app:2\n');
    expect(edit(project([there?.after ?? '']), 'a/app')?.after).toBe(text);
  });

  test('the right one of several files', () => {
    const from = project([
      'services:\n  app:\n    image: a/app:1\n',
      'services:\n  app:\n    restart: always\n',
    ]);
    expect(edit(from, 'a/app:2')).toMatchObject({ path: '/p/a.yml' });
  });
});

const variables: readonly [string, string, string, string][] = [
  ['${T}', 'a/app:${T}', 'T=1\n', 'T=2\n'],
  ['$T with export and comment', 'a/app:$T', 'export T=1 # now\nB=1\n', 'export T=2 # now\nB=1\n'],
  ['quoted', 'a/app:${T}', 'A=1\r\nT="1"\r\n', 'A=1\r\nT="2"\r\n'],
  ['whole image', '${I}', "I='a/app:1'", "I='a/app:2'"],
  ['repository and tag', '${R}:${T}', 'R=a/app\nT=1\n', 'R=a/app\nT=2\n'],
  ['a default that does not count', 'a/app:${T:-9}', '#T=1\nT=1\n', '#T=1\nT=2\n'],
  ['a default beside it', '${H:-a}/app:${T}', 'T=1\n', 'T=2\n'],
];

describe('an image through .env', () => {
  test.each(variables)('%s', (_name, image, before, after) => {
    const from = project([`services:\n  app:\n    image: ${image}\n`], before);
    const there = edit(from, 'a/app:2');
    expect(there).toMatchObject({ path: '/p/.env', after });
    expect(there && edit(edited(from, there), 'a/app:1')?.after).toBe(before);
  });
});

const app = (rest: string) => `services:\n  app:\n${rest}`;
const refused: readonly [string, readonly string[], string | undefined, RegExp][] = [
  [
    'alias',
    ['x-i: &i a/app:1\nservices:\n  app:\n    image: *i\n'],
    undefined,
    /a\.yml:3: .* alias/,
  ],
  ['anchored', [app('    image: &i a/app:1\n')], undefined, /a\.yml:3: .* anchor/],
  [
    'merge only',
    ['x-a: &a {image: a/app:1}\nservices:\n  app:\n    <<: *a\n'],
    undefined,
    /a\.yml:3: .*merge key/,
  ],
  [
    'service alias',
    ['x-a: &a {image: a/app:1}\nservices:\n  app: *a\n'],
    undefined,
    /a\.yml:3: .* alias/,
  ],
  [
    'two files',
    [app('    image: a/app:1\n'), app('    image: a/app:1\n')],
    undefined,
    /b\.yml:2: .*also in a\.yml/,
  ],
  ['extends', [app('    extends: base\n    image: a/app:1\n')], undefined, /`extends`/],
  [
    'include',
    [`include: [x.yml]\n${app('    image: a/app:1\n')}`],
    undefined,
    /a\.yml:1 has `include`/,
  ],
  ['build only', [app('    build: .\n')], undefined, /`build:`/],
  ['block scalar', [app('    image: >-\n      a/app:1\n')], undefined, /a\.yml:3: .*plainly/],
  ['escapes', [app('    image: "a/app\\x3a1"\n')], undefined, /escapes/],
  ['only the default', [app('    image: a/app:${T:-1}\n')], '', /T is set in no environment file/],
  ['`:+`', [app('    image: a/app:${T:+1}\n')], 'T=1', /does not understand/],
  ['`$$`', [app('    image: a/app:$$T\n')], 'T=1', /does not understand/],
  [
    'set twice',
    [app('    image: a/app:${T}\n')],
    'T=1\nT=1\n',
    /T is set twice, at \.env:1 and line 2/,
  ],
  [
    'made of another',
    [app('    image: a/app:${T}\n')],
    'B=1\nT=$B\n',
    /\.env:2: T is made of other variables/,
  ],
  ['empty', [app('    image: a/app:${T}\n')], 'T=\n', /T is empty at \.env:1/],
  ['of the system', [app('    image: a/app:${HOME}\n')], 'HOME=1\n', /HOME is set by the system/],
  ['no variable fits', [app('    image: b/app:${T}\n')], 'T=1\n', /no single variable/],
  ['env_file', [app('    image: a/app:${T}\n    env_file: .env\n')], 'T=1\n', /`env_file`/],
  [
    'env_file list',
    [`${app('    image: a/app:${T}\n')}  db:\n    image: x\n    env_file:\n      - path: ./.env\n`],
    'T=1\n',
    /`env_file`/,
  ],
  [
    'broken .env',
    [app('    image: a/app:${T}\n')],
    'T=1\nX="\n',
    /\.env:2 has a quote without end/,
  ],
  [
    'extends of a file',
    [`${app('    image: a/app:${T}\n')}  b:\n    extends: {file: x.yml, service: c}\n`],
    'T=1\n',
    /`extends` with `file`/,
  ],
];

describe('what is not understood is refused with file, line and reason', () => {
  test.each(refused)('%s', (_name, files, env, why) => {
    let error: unknown;
    try {
      edit(project(files, env), 'a/app:2');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BelayError);
    expect(error).toMatchObject({ fault: 'request', code: 'edit-unsafe' });
    expect((error as BelayError).message).toMatch(why);
    expect((error as BelayError).message).toMatch(/^\/p\/[abc]\.yml:\d+: /);
  });

  test('a service that is not there', () =>
    expect(() => edit(project([app('    image: a:1\n')]), 'b:1', 'web')).toThrow(
      /service web is not in \/p\/a\.yml/,
    ));

  test('one place for two different images', () => {
    const from = project(
      ['services:\n  a: {image: "r/x:${T}"}\n  b: {image: "r/x:${T}"}\n'],
      'T=1',
    );
    const pin = (reference: string) => ({ reference, imageId: 'sha256:0' });
    const pins = { a: pin('r/x:2'), b: pin('r/x:3') };
    expect(() => findEdits(from, pins, new Set())).toThrow(/one place/);
    const same = findEdits(from, { a: pin('r/x:2'), b: pin('r/x:2') }, new Set());
    expect(same).toMatchObject([{ after: 'T=2' }]);
  });
});

describe('renderDiff', () => {
  test('the changed lines only', () => {
    const there = edit(project([app(`    image: ${FROM} # why\r\n    restart: always\n`)]), TO);
    expect(there && renderDiff('a.yml', there)).toBe(
      `--- a/a.yml\n+++ b/a.yml\n@@ -3 +3 @@\n-    image: ${FROM} # why\n+    image: ${TO} # why\n`,
    );
  });

  test('what else stands on the line is masked', () => {
    const there = edit(
      project([`services: {app: {image: ${FROM}, environment: {P: s3cret}}}`]),
      TO,
    );
    expect(there && renderDiff('a.yml', there)).toBe(
      `--- a/a.yml\n+++ b/a.yml\n@@ -1 +1 @@\n-…${FROM}…\n+…${TO}…\n`,
    );
  });
});
