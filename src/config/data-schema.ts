/**
 * The part of the deployment file about its data: backups and migrations.
 */
import { z } from 'zod';
import {
  applicationUrl,
  duration,
  exactlyOne,
  headerValue,
  list,
  oneOf,
  path,
  secretRef,
  text,
  whole,
  whyNotHeader,
} from './fields.ts';
import { service } from './component-schema.ts';

const postgresSchema = z
  .strictObject(
    {
      url: secretRef().meta({ description: 'Connection URL, by reference.' }),
      component: service().optional().meta({
        description:
          "Service in whose container the tools run. Left out: the site's own tools of the server's version.",
      }),
      directory: path('a directory').meta({ description: 'Directory for the backups.' }),
      keep: whole(1, 10_000).prefault(5).meta({ description: 'How many backups are kept.' }),
      timeout: duration(1_000).prefault('2h').meta({ description: 'Time limit of one backup.' }),
    },
    { error: 'a mapping with url and directory' },
  )
  .meta({ description: 'A Postgres database, dumped and proven before every upgrade.' });

/** What is backed up; that nothing is must be said. */
export const backupSchema = exactlyOne(
  {
    postgres: postgresSchema.optional(),
    skip: text('the reason why no backup is taken').optional().meta({
      description: 'Takes no backup, and says why; the plan shows it.',
    }),
  },
  ['postgres', 'skip'],
  'exactly one of postgres, or skip with the reason why no backup is taken',
).meta({ description: 'Backup before the upgrade. Must be stated.' });

function timeout() {
  return duration(1_000)
    .prefault('30m')
    .meta({ description: 'Time limit, before the health gate begins to count.' });
}

const LEDGER = /^[A-Za-z_][A-Za-z0-9_$]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_$]{0,62})?$/;
const LEDGER_EXPECTED =
  'the name of a table, such as schema_migrations or public.schema_migrations';

const httpSchema = z
  .strictObject({
    how: z.literal('http'),
    url: applicationUrl().meta({
      description: 'URL that runs the migrations and answers when they are done.',
    }),
    method: oneOf('POST', 'PUT', 'GET').prefault('POST').meta({ description: 'HTTP method.' }),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'the name of an HTTP header'),
        headerValue(),
        { error: 'a mapping of header names to values' },
      )
      .superRefine((headers, context) => {
        for (const [header, value] of Object.entries(headers)) {
          const message = whyNotHeader(header, value);
          if (message !== undefined) context.addIssue({ code: 'custom', message, path: [header] });
        }
      })
      .prefault({})
      .meta({ description: 'Headers; secret ones by reference.' }),
    timeout: timeout(),
  })
  .meta({ description: 'A request to the new version.' });

/** How the new version's migrations run. */
export const migrateSchema = z
  .discriminatedUnion(
    'how',
    [
      z.strictObject({ how: z.literal('none') }).meta({ description: 'There are no migrations.' }),
      z
        .strictObject({
          how: z.literal('startup'),
          ledger: z
            .string({ error: LEDGER_EXPECTED })
            .regex(LEDGER, LEDGER_EXPECTED)
            .optional()
            .meta({
              description:
                "Table whose column `version` records what was applied; awaited until it holds the release's migrations. Left out: only the health gate is awaited.",
            }),
          timeout: timeout(),
        })
        .meta({ description: 'The application migrates when it starts.' }),
      httpSchema,
      z
        .strictObject({
          how: z.literal('command'),
          command: list(text('a word of the command'), 'words, such as [app, migrate]', 1).meta({
            description: "Command, run in a one-off container of the new version's image.",
          }),
          component: service().optional().meta({
            description: 'The component that it runs beside; by default the only one.',
          }),
          timeout: timeout(),
        })
        .meta({ description: 'A one-off command.' }),
    ],
    { error: 'a mapping with how: none, startup, http or command' },
  )
  .meta({ description: 'How migrations run.' });
