import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redact } from './redact.ts';
import { resolveSecret, type SecretLookups } from './secrets.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'belay-secrets-'));
});
afterAll(() => rm(directory, { recursive: true }));

function lookups(
  environment: SecretLookups['environment'],
  variables: Record<string, string> = {},
): SecretLookups {
  return {
    deployment: 'acme',
    environment,
    variable: (name) => Promise.resolve(variables[name]),
  };
}

describe('a variable', () => {
  it("comes from the worker's environment before the project's", async () => {
    const both = lookups({ TOKEN: 'of-the-worker' }, { TOKEN: 'of-the-project' });
    expect(await resolveSecret({ env: 'TOKEN' }, both)).toBe('of-the-worker');
  });

  it("comes from the project when the worker's is unset or empty", async () => {
    const variables = { TOKEN: 'of-the-project' };
    expect(await resolveSecret({ env: 'TOKEN' }, lookups({}, variables))).toBe('of-the-project');
    expect(await resolveSecret({ env: 'TOKEN' }, lookups({ TOKEN: '' }, variables))).toBe(
      'of-the-project',
    );
  });

  it('is refused by name when nobody has it', async () => {
    await expect(resolveSecret({ env: 'DB_URL' }, lookups({}))).rejects.toMatchObject({
      fault: 'request',
      code: 'secret-missing',
      message: expect.stringContaining('acme: variable DB_URL is not set') as string,
    });
  });
});

describe('a file', () => {
  it('is read without its line end', async () => {
    const file = join(directory, 'token');
    await writeFile(file, 'from-a-file\n', { mode: 0o600 });
    expect(await resolveSecret({ file }, lookups({}))).toBe('from-a-file');
  });

  it.each([
    ['missing', undefined, 'ENOENT'],
    ['empty', ' \n', 'it is empty'],
    ['huge', 'x'.repeat(70_000), '70000 bytes'],
  ])('is refused by path when it is %s', async (name, text, why) => {
    const file = join(directory, name);
    if (text !== undefined) await writeFile(file, text);
    const attempt = resolveSecret({ file }, lookups({}));
    await expect(attempt).rejects.toMatchObject({ code: 'secret-unreadable', fault: 'request' });
    await expect(attempt).rejects.toThrow(file);
    await expect(attempt).rejects.toThrow(why);
  });
});

it('is redacted from then on, and so is the password inside a URL', async () => {
  const url = 'postgres://atlas:p%40ss-word@db:5432/atlas';
  await resolveSecret({ env: 'URL' }, lookups({ URL: url }));
  expect(redact(`connect to ${url} as p@ss-word or p%40ss-word`)).toBe(
    'connect to postgres://atlas:***@db:5432/atlas as *** or ***',
  );
});
