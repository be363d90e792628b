/**
 * The release file `<version>.yaml`: what a version needs. One source, as for the deployment file.
 */
import { z } from 'zod';
import semver from 'semver';
import { TAG_PATTERN } from '../domain/image-tag.ts';
import { list, oneOf, text, whole } from './fields.ts';
import { service } from './component-schema.ts';

const RANGE_EXPECTED = 'a range of versions, such as ">=1.2.0"';
const DIGEST_EXPECTED = 'a digest, sha256: and 64 hexadecimal digits';
const VERSION_EXPECTED = 'a version in quotes or with two dots, such as "1.3.0"';

const migrationSchema = z.strictObject(
  {
    version: whole(0, Number.MAX_SAFE_INTEGER).meta({
      description: 'Its number in the ledger.',
    }),
    name: text('the name of the migration').optional().meta({ description: 'Its name.' }),
    kind: oneOf('additive', 'breaking', 'unknown').meta({
      description:
        'Whether the version before keeps working after it. `unknown` is treated as `breaking`.',
    }),
  },
  { error: 'a mapping with version and kind' },
);

/** The whole file. */
export const releaseSchema = z
  .strictObject(
    {
      version: z
        .string({ error: VERSION_EXPECTED })
        .regex(TAG_PATTERN, VERSION_EXPECTED)
        .meta({ description: "The version; the same as the file's name." }),
      from: z
        .string({ error: RANGE_EXPECTED })
        .refine((range) => range.trim() !== '' && semver.validRange(range) !== null, RANGE_EXPECTED)
        .optional()
        .meta({ description: 'Versions that it may be reached from. Left out: any older one.' }),
      migrations: list(migrationSchema, 'migrations')
        .superRefine((migrations, context) => {
          const seen = new Set<number>();
          for (const [at, { version }] of migrations.entries()) {
            if (seen.has(version))
              context.addIssue({
                code: 'custom',
                message: 'a number that no other migration in the list has',
                path: [at, 'version'],
              });
            seen.add(version);
          }
        })
        .prefault([])
        .meta({ description: 'Migrations that it brings. Empty: none.' }),
      digests: z
        .record(
          service(),
          z.string({ error: DIGEST_EXPECTED }).regex(/^sha256:[0-9a-f]{64}$/, DIGEST_EXPECTED),
          {
            error: 'a mapping of components to digests',
          },
        )
        .prefault({})
        .meta({
          description: "The registry's manifest digest per component, where the publisher pins it.",
        }),
    },
    { error: 'a mapping with version' },
  )
  .meta({
    title: 'belay release file',
    description:
      'A version with what it needs. Without one, the version is the tag and its migrations are assumed to be additive.',
  });

/** A release file that was found good. */
export type ReleaseFile = z.infer<typeof releaseSchema>;
