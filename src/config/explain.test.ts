import { describe, expect, it } from 'vitest';
import { GOOD, messagesOf, refusalsOf } from './acme.fixture.ts';

/** [what is wrong, replaced text, by what, messages, a part of the first remedy]. */
const WRONG: [string, string, string, string[], string][] = [
  [
    'a duration without a unit',
    'health"}',
    'health", timeout: 90}',
    [
      'FILE:9:47: health.timeout: expected a duration with its unit, such as 500ms, 90s, 30m or 1h30m, found 90',
    ],
    'belay schema deployment',
  ],
  [
    'a misspelt key',
    'health"}',
    'health", timout: 90s}',
    ['FILE:9:47: health.timout: is not a known key'],
    'Did you mean "timeout"?',
  ],
  [
    'a key in camel case',
    'health"}',
    'health", requestTimeout: 5s}',
    ['FILE:9:47: health.requestTimeout: is not a known key'],
    'Did you mean "request-timeout"?',
  ],
  [
    'a key at the wrong place',
    'backup:',
    'profiles: []\nbackup:',
    ['FILE:8:1: profiles: is not a known key'],
    '"profiles" belongs at target.compose.profiles',
  ],
  [
    'a key of another kind',
    'health:',
    'migrate: {how: none, timeout: 30m}\nhealth:',
    ['FILE:9:22: migrate.timeout: is not a known key'],
    'Known here: how',
  ],
  [
    'an unknown kind',
    'health:',
    'migrate: {how: magic}\nhealth:',
    ['FILE:9:11: migrate.how: expected one of none, startup, http, command, found "magic"'],
    '',
  ],
  [
    'no backup stated',
    'backup: {skip: nothing is stored}',
    '',
    [
      'FILE:2:1: backup: is missing; expected exactly one of postgres, or skip with the reason why no backup is taken',
    ],
    '',
  ],
  [
    'two kinds of backup',
    '{skip: nothing is stored}',
    '{skip: x, postgres: {url: {env: A}, directory: b}}',
    [
      'FILE:8:1: backup: expected exactly one of postgres, or skip with the reason why no backup is taken, found a mapping',
    ],
    '',
  ],
  [
    'a skip without a reason',
    '{skip: nothing is stored}',
    '{skip: }',
    ['FILE:8:10: backup.skip: expected the reason why no backup is taken (a text), found nothing'],
    '',
  ],
  [
    'an image with a tag',
    '/shop/app}',
    '/shop/app:1.2.2}',
    [
      'FILE:6:24: target.compose.components.app.image: expected a repository without tag and digest, such as registry.example.com/shop/app, found "registry.example.com:5000/shop/app:1.2.2"',
    ],
    '',
  ],
  [
    'a tag without the version',
    '/shop/app}',
    '/shop/app, tag: latest}',
    [
      'FILE:6:67: target.compose.components.app.tag: expected a tag with {version} in it once, such as v{version}, found "latest"',
    ],
    '',
  ],
  [
    'no component',
    '{app: {image: registry.example.com:5000/shop/app}}',
    '{}',
    [
      'FILE:6:5: target.compose.components: expected at least one service with {image: repository}, found a mapping',
    ],
    '',
  ],
  [
    'another component',
    '.version}',
    '.version, component: web}',
    ['FILE:7:32: version.component: expected one of the components, found "web"'],
    'Components are: app',
  ],
  [
    'a component that must be named',
    'shop/app}}',
    'shop/app}, b: {image: c}}',
    ['FILE:7:1: version.component: lacks "component", which must be named where there are several'],
    'Components are: app, b',
  ],
  [
    'a relative path in the container',
    '/app/.version',
    '.version',
    [
      'FILE:7:11: version.file: expected the absolute path of a file inside the container, found ".version"',
    ],
    '',
  ],
  [
    'another protocol',
    'http://localhost:3000',
    'ftp://localhost:3000',
    [
      'FILE:9:10: health.url: expected an http://, https:// or service:// URL, found "ftp://localhost:3000/health"',
    ],
    '',
  ],
  [
    'a gate that can not pass',
    'health"}',
    'health", consecutive: 10, interval: 10s}',
    [
      'FILE:9:1: health.timeout: is missing; expected longer than consecutive × interval, or no version can ever be proven',
    ],
    '',
  ],
  [
    'a ledger without a database',
    'health:',
    'migrate: {how: startup, ledger: schema_migrations}\nhealth:',
    [
      'FILE:9:25: migrate.ledger: there is no database to read it from, because backup.postgres is not stated',
    ],
    'State backup.postgres',
  ],
  [
    'a hostile ledger',
    'health:',
    'migrate: {how: startup, ledger: "a; drop table b"}\nhealth:',
    [
      'FILE:9:25: migrate.ledger: expected the name of a table, such as schema_migrations or public.schema_migrations, found "a; drop table b"',
    ],
    '',
  ],
  [
    'a clock that is none',
    'health:',
    'window: {from: "25:00", to: "05:00", time-zone: Mars/Olympus}\nhealth:',
    [
      'FILE:9:10: window.from: expected a time of day as "HH:MM", in quotes, found "25:00"',
      'FILE:9:38: window.time-zone: expected a time zone such as Europe/Berlin or UTC, found "Mars/Olympus"',
    ],
    '',
  ],
  [
    'another name',
    'name: acme',
    'name: beta',
    ['FILE:2:1: name: expected "acme", as the file is named, found "beta"'],
    'Write `name: acme`, or rename the file',
  ],
  [
    'a name that can be none',
    'name: acme',
    'name: ../Acme',
    [
      'FILE:2:1: name: expected a name of lower-case letters, digits and inner hyphens, at most 63 characters, found "../Acme"',
      'FILE:2:1: name: expected "acme", as the file is named, found "../Acme"',
    ],
    '',
  ],
  [
    'a mapping that is a text',
    'health: {url: "http://localhost:3000/health"}',
    'health: fine',
    ['FILE:9:1: health: expected a mapping with url, found "fine"'],
    '',
  ],
];

describe('a file that the schema does not take', () => {
  it.each(WRONG)('%s', async (_, part, replacement, messages, remedy) => {
    expect(GOOD).toContain(part);
    const refusals = await refusalsOf(GOOD.replace(part, replacement));
    expect(refusals.map(({ message }) => message)).toEqual(messages);
    expect(refusals[0]?.remedy).toContain(remedy);
  });

  it('is told everything at once, in the order of the file', async () => {
    const messages = await messagesOf(
      'name: acme\nsite: Berlin\nheath: {}\ntarget: {compose: {directory: .}}\nsoak: 1\nhealth: {url: nope, consecutive: 0}\n',
    );
    expect(messages.map((message) => message.split(': ').slice(0, 2).join(' '))).toEqual([
      'FILE:1:1 version',
      'FILE:1:1 backup',
      'FILE:2:1 site',
      'FILE:3:1 heath',
      'FILE:4:10 target.compose.components',
      'FILE:5:1 soak',
      'FILE:6:10 health.url',
      'FILE:6:21 health.consecutive',
    ]);
  });

  it('names the line of what came in by an alias', async () => {
    const text = GOOD.replace(
      'components: {app:',
      'components:\n      old: &old {image: "shop/app:1"}\n      app: *old\n      b: {<<: *old}\n      c: {app:',
    );
    const messages = await messagesOf(text.replace('/shop/app}}', '/shop/app}}'));
    expect(messages.filter((message) => message.startsWith('FILE:7:18'))).toHaveLength(3);
  });
});
