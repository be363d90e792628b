import { describe, expect, it } from 'vitest';
import { GOOD, messagesOf, refusalsOf } from './acme.fixture.ts';

describe('a file that is not good YAML', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['tabs', 'name: acme\nhealth:\n\turl: x\n', 'FILE:3:1: Tabs are not allowed as indentation'],
    ['a key twice', 'name: acme\nsite: a\nsite: b\n', 'FILE:3:1: the key "site" is there twice'],
    ['a list', '- acme\n', 'FILE:1:1: expected a mapping, found a list'],
    ['a text', 'acme\n', 'FILE:1:1: expected a mapping, found a single value'],
    ['nothing', '', 'FILE:1:1: the file is empty'],
    ['a comment', '# later\n', 'FILE:1:1: the file is empty'],
    ['several documents', 'name: acme\n---\nname: beta\n', 'a second YAML document begins here'],
    ['an unknown tag', 'name: !secret acme\n', 'Unresolved tag: !secret'],
    ['an unknown alias', 'name: *acme\n', 'Unresolved alias'],
    ['an open bracket', 'name: acme\nlabels: [a\n', 'FILE:3:1: Flow sequence'],
    ['not UTF-8', new Uint8Array([0x6e, 0xff, 0xfe]), 'FILE is not UTF-8 text'],
    ['too large', `name: acme\n#${'x'.repeat(1_000_000)}`, 'FILE is larger than 1000000 bytes'],
  ])('%s', async (_, text, message) => {
    const messages = await messagesOf(text);
    expect(messages[0]).toContain(message);
  });

  it('with alias bombs is refused quickly', async () => {
    const levels = Array.from(
      { length: 20 },
      (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(10)}]`,
    );
    const messages = await messagesOf(`a0: &a0 [x]\n${levels.join('\n')}\n`);
    expect(messages[0]).toContain('Excessive alias count');
  });

  it('never quotes the lines around the error', async () => {
    const text = 'password: "hunter2hunter2\nname: acme\n  url: postgres://u:hunter2hunter2@h\n';
    expect((await messagesOf(text)).join('\n')).not.toContain('hunter2');
  });
});

describe('secrets', () => {
  it.each([
    [
      '{skip: nothing is stored}',
      '{postgres: {url: "postgres://shop:hunter22@db/shop", directory: b}}',
    ],
    [
      '{skip: nothing is stored}',
      '{postgres: {url: {env: "postgres://shop:hunter22@db/shop"}, directory: b}}',
    ],
    [
      '{skip: nothing is stored}',
      '{postgres: {url: {postgres://shop:hunter22@db/shop}, directory: b}}',
    ],
    ['{skip: nothing is stored}', '{postgres: {url: {value: hunter22}, directory: b}}'],
    [
      'health:',
      'migrate: {how: http, url: "http://x/", headers: {x-service-secret: hunter22}}\nhealth:',
    ],
    [
      'health:',
      'migrate: {how: http, url: "http://x/", headers: {Authorization: Bearer hunter22}}\nhealth:',
    ],
    ['http://localhost:3000/health', 'http://admin:hunter22@localhost:3000/health'],
    ['http://localhost:3000/health', 'https://token-hunter22@localhost:3000/health'],
    ['/shop/app}', '/shop/app, tag: "postgres://shop:hunter22@db"}'],
  ])('in %s written as %s are refused and never shown', async (part, replacement) => {
    const refusals = await refusalsOf(GOOD.replace(part, replacement));
    expect(refusals.length).toBeGreaterThan(0);
    expect(JSON.stringify(refusals)).not.toContain('hunter22');
  });

  it('are asked for as references', async () => {
    const text = GOOD.replace(
      '{skip: nothing is stored}',
      '{postgres: {url: secret, directory: b}}',
    );
    expect(await messagesOf(text)).toEqual([
      'FILE:8:21: backup.postgres.url: expected a reference to a secret, {env: NAME} or {file: path}; a secret itself does not belong in this file, found a text',
    ]);
  });
});
