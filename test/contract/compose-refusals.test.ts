/** Bad input and a broken world: the right fault, a clear message, nothing changed. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ComposeSettings } from '../../src/domain/deployment.ts';
import type { BelayError } from '../../src/domain/errors.ts';
import { createComposeTarget } from '../../src/targets/compose/index.ts';
import { deployCompose, REPOSITORY, type ComposeDeployed } from './compose-project.ts';
import { docker } from './docker.ts';
import { quiet } from './arrange.ts';
import { pushTinyImage } from './tiny-image.ts';

const components = { web: { image: REPOSITORY, tag: '{version}' } };

describe('what is asked', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'belay-refusals-'));
  });
  afterEach(() => rm(directory, { recursive: true }));
  const settings = (): ComposeSettings => ({
    kind: 'compose',
    directory,
    files: ['compose.yml'],
    envFiles: [],
    profiles: [],
    project: 'belay-refusals',
  });
  const digest = `sha256:${'a'.repeat(64)}`;
  const cases: readonly [string, string | undefined, string, RegExp][] = [
    ['no file', undefined, 'compose-file-missing', /compose\.yml does not exist/],
    ['not YAML', 'services: [\n', 'compose-not-yaml', /compose\.yml:\d+: /],
    ['tabs', 'services:\n\tweb:\n', 'compose-not-yaml', /compose\.yml:2: Tabs/],
    ['duplicate keys', 'services:\n  web: {}\n  web: {}\n', 'compose-not-yaml', /compose\.yml:3: /],
    ['text', 'hello\n', 'compose-not-yaml', /compose\.yml:1: is not a Compose file/],
    ['rejected by Compose', 'services:\n  web:\n    imagee: x\n', 'compose-rejected', /imagee/],
    [
      'missing variable',
      'services:\n  web:\n    image: ${X:?needed}\n',
      'compose-rejected',
      /X is missing/,
    ],
    [
      'no such service',
      'services:\n  app:\n    image: x\n',
      'service-missing',
      /service web is not in .*compose\.yml/,
    ],
    [
      'built',
      'services:\n  web:\n    build: .\n',
      'image-built',
      /compose\.yml:2: service web is built/,
    ],
    [
      'by digest',
      `services:\n  web:\n    image: ${REPOSITORY}:1@${digest}\n`,
      'image-by-digest',
      /compose\.yml:2: .*by digest/,
    ],
    [
      'another image',
      'services:\n  web:\n    image: r/x:1\n',
      'image-elsewhere',
      /has the image r\/x:1, but the deployment says/,
    ],
  ];

  test.each(cases)('%s', async (_name, text, code, message) => {
    if (text !== undefined) await writeFile(join(directory, 'compose.yml'), text);
    const failed = createComposeTarget(settings(), components).observe(quiet());
    await expect(failed).rejects.toMatchObject({ fault: 'request', code });
    await expect(failed).rejects.toThrow(message);
  });

  test('all reasons at once', async () => {
    await writeFile(join(directory, 'compose.yml'), 'services:\n  web:\n    build: .\n');
    const target = createComposeTarget(settings(), { ...components, app: components.web });
    const error = await target.observe(quiet()).catch((thrown: unknown) => thrown);
    expect((error as BelayError).refusals.map(({ code }) => code)).toEqual([
      'image-built',
      'service-missing',
    ]);
  });

  test('no engine and a broken file: both are said; no permission is told from no engine', async () => {
    await writeFile(join(directory, 'compose.yml'), 'services: [\n');
    const target = createComposeTarget(
      { ...settings(), dockerHost: `unix://${directory}/no.sock` },
      components,
    );
    const error = await target.observe(quiet()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ fault: 'request' });
    const codes = (error as BelayError).refusals.map(({ code }) => code);
    expect(codes).toContain('engine-missing');
    expect(codes).toContain('compose-not-yaml');
    // In an act the engine may only be restarting.
    await expect(target.identity()).rejects.toMatchObject({
      fault: 'environment',
      code: 'engine-missing',
    });
  });

  test('an edit that would change more is refused, and the file left alone', async () => {
    const text = `services:\n  web: {image: "${REPOSITORY}:\${T}"}\n  other: {image: "x:\${T}"}\n`;
    await writeFile(join(directory, 'compose.yml'), text);
    await writeFile(join(directory, '.env'), 'T=1\n');
    const pins = { web: { reference: `${REPOSITORY}:2`, imageId: 'sha256:0' } };
    const failed = createComposeTarget(settings(), components).preview({ pins }, quiet());
    await expect(failed).rejects.toMatchObject({ fault: 'request', code: 'edit-unproven' });
    await expect(failed).rejects.toThrow(
      /\.env:1: the edit would also change services\.other\.image/,
    );
    expect(await readFile(join(directory, '.env'), 'utf8')).toBe('T=1\n');
  });

  test('a read-only file is refused before anything changes', async () => {
    await writeFile(
      join(directory, 'compose.yml'),
      `services:\n  web:\n    image: ${REPOSITORY}:1\n`,
    );
    await chmod(join(directory, 'compose.yml'), 0o444);
    const pins = { web: { reference: `${REPOSITORY}:2`, imageId: 'sha256:0' } };
    const failed = createComposeTarget(settings(), components).preview({ pins }, quiet());
    await expect(failed).rejects.toMatchObject({ fault: 'request', code: 'file-not-editable' });
  });

  test('variables are read as Compose reads them', async () => {
    const env = [
      'PLAIN=a b # c',
      "SINGLE='x $Y'",
      'DOUBLE="x" # c',
      'export EXPORTED=1',
      'COLON: 2',
      'HASH=a#b',
      'BASE=base',
      'MADE=${BASE}-made',
      'ESCAPED="tab\\tend"',
      'TWICE=1',
      'TWICE=2',
      'EMPTY=',
    ];
    await writeFile(join(directory, '.env'), `${env.join('\n')}\n`);
    const names = [
      'PLAIN',
      'SINGLE',
      'DOUBLE',
      'EXPORTED',
      'COLON',
      'HASH',
      'MADE',
      'TWICE',
      'EMPTY',
      'ESCAPED',
    ];
    const environment = names.map((name) => `      ${name}: "\${${name}}"\n`).join('');
    const text = `services:\n  web:\n    image: x\n    environment:\n${environment}`;
    await writeFile(join(directory, 'compose.yml'), text);
    const argv = [
      'compose',
      '--project-directory',
      directory,
      '--file',
      join(directory, 'compose.yml'),
    ];
    const config = JSON.parse(String(await docker([...argv, 'config', '--format', 'json']))) as {
      services: { web: { environment: Record<string, string> } };
    };
    const target = createComposeTarget(settings(), components);
    for (const [name, value] of Object.entries(config.services.web.environment))
      expect([name, await target.variable(name)]).toEqual([name, value.replaceAll('$$', '$')]);
    expect(await target.variable('NOT_THERE')).toBeUndefined();
  });
});

describe('the registry', () => {
  let deployed: ComposeDeployed;
  let server: Server;
  let domain: string;
  let status = 503;
  beforeAll(async () => {
    await pushTinyImage(`${REPOSITORY}:1`, '1');
    deployed = await deployCompose({ style: 'literal' });
    server = createServer((_request, response) => {
      response.writeHead(status, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    domain = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await deployed.dispose();
  });
  const locate = (reference: string, digest?: string) =>
    deployed
      .target()
      .locate({ web: { reference, ...(digest ? { digest } : {}) } }, { from: 'registry' }, quiet());

  test.each([
    [503, 'environment', 'registry-unreachable'],
    [429, 'environment', 'registry-unreachable'],
    [401, 'request', 'image-denied'],
    [403, 'request', 'image-denied'],
    [404, 'request', 'image-not-found'],
  ])('that answers %i: %s, %s', async (answer, fault, code) => {
    status = answer;
    await expect(locate(`${domain}/a/b:1`)).rejects.toMatchObject({ fault, code });
  });

  test('that does not answer is waited for', () =>
    expect(locate('127.0.0.1:9/a/b:1')).rejects.toMatchObject({
      fault: 'environment',
      code: 'registry-unreachable',
    }));

  test('whose tag is not what the publisher pinned', () =>
    expect(locate(`${REPOSITORY}:1`, `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({
      fault: 'request',
      code: 'image-changed',
    }));

  test('that has no such digest any more when it is pulled', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const pins = { web: { reference: `${REPOSITORY}:9`, imageId: digest, digest } };
    const fetched = deployed.target().fetch(pins, { from: 'registry' }, {}, quiet());
    await expect(fetched).rejects.toMatchObject({ fault: 'request', code: 'image-changed' });
  });

  test('that is down when the engine pulls', async () => {
    const pins = { web: { reference: '127.0.0.1:9/a/b:1', imageId: `sha256:${'0'.repeat(64)}` } };
    const fetched = deployed.target().fetch(pins, { from: 'registry' }, {}, quiet());
    await expect(fetched).rejects.toMatchObject({
      fault: 'environment',
      code: 'registry-unreachable',
    });
  });
});
