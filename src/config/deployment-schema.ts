/**
 * The deployment file. This schema is the one source: errors, `belay schema` and the reference come from it.
 */
import { z } from 'zod';
import { whyNotName } from '../domain/names.ts';
import { backupSchema, migrateSchema } from './data-schema.ts';
import { applicationUrl, duration, flag, list, oneOf, path, text, whole } from './fields.ts';
import { targetSchema, versionSchema } from './target-schema.ts';

const NAME_EXPECTED =
  'a name of lower-case letters, digits and inner hyphens, at most 63 characters';

function name() {
  return z
    .string({ error: NAME_EXPECTED })
    .refine((value) => whyNotName(value) === undefined, NAME_EXPECTED)
    .meta({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' });
}

const healthSchema = z
  .strictObject(
    {
      url: applicationUrl().meta({
        description:
          'Asked by GET from the site; `service://NAME[:PORT]/path` leads to a Service of the cluster. Redirects are not followed.',
      }),
      expect: z
        .record(
          z.string(),
          z.union([z.string(), z.number(), z.boolean()], {
            error: 'a text, a number, true or false',
          }),
          {
            error: 'a mapping of keys to values, such as {status: ok}',
          },
        )
        .prefault({})
        .meta({
          description:
            'Keys that the JSON answer must have, with their values. `{}` takes any 2xx answer.',
        }),
      timeout: duration(1_000).prefault('90s').meta({
        description:
          'How long a new version has to become healthy, counted only while it can be observed.',
      }),
      consecutive: whole(1, 100).prefault(3).meta({
        description: 'Healthy answers in a row that are needed.',
      }),
      interval: duration(100).prefault('500ms').meta({
        description: 'Pause between two looks.',
      }),
      'request-timeout': duration(100).prefault('5s').meta({
        description: 'Time limit of one request.',
      }),
      'max-restarts': whole(0, 1_000).prefault(2).meta({
        description:
          'Restarts of a container that are tolerated; those that the engine causes do not count.',
      }),
    },
    { error: 'a mapping with url' },
  )
  .refine((health) => health.interval * (health.consecutive - 1) < health.timeout, {
    path: ['timeout'],
    message: 'longer than consecutive × interval, or no version can ever be proven',
  })
  .meta({ description: 'The health gate: when a version counts as proven.' });

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

function clock(description: string) {
  const expected = 'a time of day as "HH:MM", in quotes';
  return z.string({ error: expected }).regex(CLOCK, expected).meta({ description });
}

const windowSchema = z
  .strictObject(
    {
      from: clock('Begin, `"HH:MM"`.'),
      to: clock('End, `"HH:MM"`; earlier than `from` is the next day.'),
      'time-zone': z
        .string({ error: 'a time zone such as Europe/Berlin or UTC' })
        .refine(isTimeZone, 'a time zone such as Europe/Berlin or UTC')
        .meta({ description: 'IANA time zone.' }),
    },
    { error: 'a mapping with from, to and time-zone' },
  )
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    message: 'another time than from (leave window out for "always")',
  })
  .meta({ description: 'When changes may begin, every night. Left out: always.' });

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const rollbackSchema = z
  .strictObject(
    {
      'on-failure': oneOf('automatic', 'park').prefault('automatic').meta({
        description: 'A bad release is taken back by itself, or the operation parks and asks.',
      }),
      'restore-database': oneOf('never').prefault('never').meta({
        description: 'Databases are not restored automatically.',
      }),
      timeout: duration(1_000).prefault('60s').meta({
        description: 'How long the old version has to become healthy.',
      }),
    },
    { error: 'a mapping with on-failure and timeout' },
  )
  .meta({ description: 'What happens when a release is bad.' });

const recordsSchema = z
  .strictObject(
    {
      history: path().optional().meta({
        description:
          'File with one line per operation; `data/.atlas-upgrade-history` by default, on a cluster `data/NAME/.atlas-upgrade-history`.',
      }),
      previous: path().optional().meta({
        description:
          'File with the version that served before; `.atlas-previous-version` beside the history by default.',
      }),
    },
    { error: 'a mapping with history and previous' },
  )
  .meta({ description: 'Records kept beside the deployment.' });

/** The whole file, as it is written: kebab-case keys, durations with units, relative paths. */
export const deploymentSchema = z
  .strictObject(
    {
      name: name().meta({ description: "The deployment's name; the same as the file's." }),
      tenant: text('the name of a tenant').optional().meta({ description: 'Whose it is.' }),
      labels: z
        .record(z.string(), text('the value of a label'), { error: 'a mapping of labels to texts' })
        .prefault({})
        .meta({ description: 'Free labels, such as `{ring: canary}`.' }),
      site: name().prefault('local').meta({
        description:
          'Where it runs: the site whose worker does the work. `local` is the embedded engine.',
      }),
      target: targetSchema,
      version: versionSchema,
      backup: backupSchema,
      migrate: migrateSchema.prefault({ how: 'startup' }),
      health: healthSchema,
      soak: duration().prefault('0s').meta({
        description: 'How long a healthy version is watched before it is settled.',
      }),
      approval: flag().prefault(false).meta({
        description: 'Whether every upgrade waits for an approval of its plan.',
      }),
      window: windowSchema.optional(),
      rollback: rollbackSchema.prefault({}),
      records: recordsSchema.prefault({}),
      logs: path().optional().meta({
        description:
          'Directory of operation logs and evidence; `.belay/logs` by default, on a cluster `.belay/NAME/logs`.',
      }),
      releases: path().optional().meta({
        description: 'Directory of release files, `<version>.yaml`. Left out: there are none.',
      }),
      bundles: list(path(), 'directories').prefault(['.']).meta({
        description:
          "Directories in which the offline bundles of requests may lie; by default the target's own. Empty: none are taken.",
      }),
      patience: duration(1_000).prefault('30m').meta({
        description:
          'How long the environment (registry, daemon, network) may keep an operation waiting.',
      }),
    },
    { error: 'a mapping with name, target, version, backup and health' },
  )
  .meta({
    title: 'belay deployment file',
    description:
      'One installed copy of an application. Relative paths are relative to the target directory, which is itself relative to this file.',
  });

/** A deployment file that was found good. */
export type DeploymentFile = z.infer<typeof deploymentSchema>;
