/**
 * The part of the deployment file that says how the application runs, and how it tells its version.
 */
import { z } from 'zod';
import { helmSchema, kubernetesSchema } from './cluster-schema.ts';
import { componentSchema, service } from './component-schema.ts';
import { applicationUrl, exactlyOne, list, path, text } from './fields.ts';

const DOCKER_HOST_EXPECTED = 'a Docker endpoint such as unix:///var/run/docker.sock';

const composeSchema = z
  .strictObject(
    {
      directory: path('a directory').meta({
        description: 'Project directory, relative to this file.',
      }),
      files: list(path(), 'Compose files').prefault([]).meta({
        description: 'Compose files, in order. Empty: as Compose finds them.',
      }),
      'env-files': list(path(), 'environment files').prefault([]).meta({
        description: 'Environment files. Empty: `.env` when there is one.',
      }),
      profiles: list(text('a profile'), 'profiles').prefault([]).meta({
        description: 'Compose profiles to enable.',
      }),
      project: z
        .string({ error: 'a Compose project name' })
        .regex(
          /^[a-z0-9][a-z0-9_-]*$/,
          'a Compose project name (lower-case letters, digits, "-", "_")',
        )
        .optional()
        .meta({ description: 'Compose project name. Left out: as Compose resolves it.' }),
      'docker-host': z
        .string({ error: DOCKER_HOST_EXPECTED })
        .regex(/^(?:unix|tcp|ssh|npipe):\/\/[^\s@]+$/, DOCKER_HOST_EXPECTED)
        .optional()
        .meta({
          description:
            'Docker endpoint. Left out: DOCKER_HOST, the current context, the default socket.',
        }),
      components: z
        .record(service(), componentSchema, {
          error: 'a mapping of services to {image: repository}',
        })
        .refine((components) => Object.keys(components).length > 0, {
          error: 'at least one service with {image: repository}',
        })
        .meta({ description: 'Services that an upgrade changes, each with its repository.' }),
    },
    { error: 'a mapping with directory and components' },
  )
  .meta({ description: 'A Docker Compose project.' });

/** How the application runs. */
export const targetSchema = exactlyOne(
  {
    compose: composeSchema.optional(),
    helm: helmSchema.optional(),
    kubernetes: kubernetesSchema.optional(),
  },
  ['compose', 'helm', 'kubernetes'],
  'exactly one of compose, helm or kubernetes',
).meta({ description: 'How it runs.' });

/** How the running application tells its version. */
export const versionSchema = exactlyOne(
  {
    file: path('the absolute path of a file inside the container')
      .optional()
      .meta({ description: 'Absolute path of a file in the container that holds the version.' }),
    http: applicationUrl().optional().meta({ description: 'URL that answers with JSON.' }),
    json: text('the keys that lead to the version, such as app.version').optional().meta({
      description:
        'With `http`: keys that lead to the version, joined by dots; `version` by default.',
    }),
    label: text('the name of a label')
      .optional()
      .meta({ description: 'Label of the container or its image.' }),
    command: list(text('a word of the command'), 'words, such as [app, --version]', 1)
      .optional()
      .meta({ description: 'Command that is run inside the container and prints the version.' }),
    component: service().optional().meta({
      description: 'The component that is asked; by default the only one. Not with `http`.',
    }),
  },
  ['file', 'http', 'label', 'command'],
  'exactly one of file, http, label or command',
)
  .superRefine((version, context) => {
    const wrong = (key: string, message: string) =>
      context.addIssue({ code: 'custom', message, path: [key] });
    if (version.file !== undefined && !version.file.startsWith('/'))
      wrong('file', 'the absolute path of a file inside the container');
    if (version.json !== undefined && version.http === undefined)
      wrong('json', 'to stand beside http');
    if (version.component !== undefined && version.http !== undefined)
      wrong('component', 'to be left out beside http');
  })
  .meta({ description: 'How the running application reports its version.' });
