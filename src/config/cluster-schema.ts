/**
 * The part of the deployment file about applications on a cluster: Helm releases and plain workloads.
 */
import { z } from 'zod';
import { componentSchema, service } from './component-schema.ts';
import { duration, exactlyOne, flag, list, oneOf, path, text, whole } from './fields.ts';

const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const RELEASE = /^[a-z0-9](?:[a-z0-9.-]{0,51}[a-z0-9])?$/;
const VALUE_PATH = /^[^\s=,[\]{}]+$/;
const VALUE_PATH_EXPECTED = 'the dotted path of a value, such as image.tag';

function matching(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, expected);
}

const neighbourSchema = z.strictObject(
  {
    kind: oneOf('Deployment', 'StatefulSet', 'DaemonSet').meta({ description: 'Kind.' }),
    name: matching(DNS_NAME, 'the name of the workload').meta({ description: 'Its name.' }),
    container: matching(DNS_LABEL, 'the name of a container')
      .optional()
      .meta({ description: 'Container that commands run in; by default the first.' }),
  },
  { error: 'a mapping with kind and name' },
);

const rolloutSchema = z
  .strictObject(
    {
      'max-restarts': whole(0, 100).prefault(2).meta({
        description: 'Restarts of a new pod after which the release counts as crash-looping.',
      }),
      grace: duration(0).prefault('2m').meta({
        description:
          'How long what may be the environment’s fault may last: a registry that is down, no room on the nodes.',
      }),
      progress: duration(1_000).prefault('10m').meta({
        description: 'How long a rollout may make no progress.',
      }),
    },
    { error: 'a mapping with max-restarts, grace and progress' },
  )
  .meta({ description: 'How a rollout is watched.' });

/** Keys that every target on a cluster has. */
const onCluster = {
  directory: path('a directory').prefault('.').meta({
    description: 'Folder that relative paths mean, relative to this file.',
  }),
  namespace: matching(DNS_LABEL, 'the name of a namespace').meta({ description: 'Namespace.' }),
  kubeconfig: path('a kubeconfig file').optional().meta({
    description:
      'Kubeconfig. Left out: KUBECONFIG, then the user’s own, then the service account of the pod that belay runs in.',
  }),
  context: text('the name of a context').optional().meta({
    description: 'Context of the kubeconfig; its current one by default.',
  }),
  neighbours: z
    .record(service(), neighbourSchema, { error: 'a mapping of names to {kind, name}' })
    .prefault({})
    .meta({
      description:
        'Workloads beside the application’s that belay runs commands in but never upgrades: a database.',
    }),
  rollout: rolloutSchema.prefault({}),
  'import-command': list(text('a word of the command'), 'words, such as [import-images]', 1)
    .optional()
    .meta({
      description:
        'Command that brings a bundle’s images to the nodes; the bundle’s path is its last word. Left out: images are pushed to the registry that their references name.',
    }),
};

function components<Item extends z.ZodType>(item: Item, description: string) {
  return z
    .record(service(), item, { error: 'a mapping of names to {image: repository}' })
    .refine((named) => Object.keys(named).length > 0, {
      error: 'at least one component with {image: repository}',
    })
    .meta({ description });
}

const chartSchema = exactlyOne(
  {
    path: path('a chart: a folder or a .tgz')
      .optional()
      .meta({ description: 'Folder or .tgz; `{version}` stands for the version.' }),
    oci: z
      .string({ error: 'an oci:// address' })
      .regex(/^oci:\/\/[^\s@]+$/, 'an oci:// address without user and password')
      .optional()
      .meta({ description: 'Chart in a registry, `oci://…`.' }),
    repository: z
      .url({ protocol: /^https?$/, error: 'an http:// or https:// address' })
      .refine((url) => URL.parse(url)?.username === '', 'an address without user and password')
      .optional()
      .meta({ description: 'Address of a chart repository.' }),
    name: text('the name of the chart').optional().meta({
      description: 'With `repository`: the chart.',
    }),
    version: text('the version of the chart').optional().meta({
      description:
        'With `oci` and `repository`: the chart’s version; `{version}` stands for the version that is wanted.',
    }),
  },
  ['path', 'oci', 'repository'],
  'exactly one of path, oci or repository',
)
  .superRefine((chart, context) => {
    const wrong = (key: string, message: string) =>
      context.addIssue({ code: 'custom', message, path: [key] });
    const remote = chart.oci !== undefined || chart.repository !== undefined;
    if (remote && chart.version === undefined) wrong('version', 'the version of the chart');
    if (!remote && chart.version !== undefined)
      wrong('version', 'to be left out beside path: the chart has its own');
    if (chart.repository !== undefined && chart.name === undefined)
      wrong('name', 'the name of the chart');
    if (chart.repository === undefined && chart.name !== undefined)
      wrong('name', 'to stand beside repository');
  })
  .meta({ description: 'Where the chart comes from.' });

const helmComponentSchema = componentSchema.extend({
  values: z
    .record(
      matching(VALUE_PATH, VALUE_PATH_EXPECTED),
      z.string({ error: 'a text, such as "{tag}"; it may be empty' }),
      { error: 'a mapping of values to texts, such as {image.tag: "{tag}"}' },
    )
    .prefault({ 'image.tag': '{tag}' })
    .meta({
      description:
        'Chart values that carry the version: `{version}`, `{tag}`, `{digest}` and `{repository}` are filled in.',
    }),
});

/** A Helm release. */
export const helmSchema = z
  .strictObject(
    {
      release: matching(RELEASE, 'the name of a release').meta({ description: 'Release.' }),
      ...onCluster,
      chart: chartSchema,
      values: list(path('a values file'), 'values files').prefault([]).meta({
        description:
          'Values files, in order. With `set` they are the whole truth: what the release has beyond them is refused by name.',
      }),
      set: z
        .record(
          matching(VALUE_PATH, VALUE_PATH_EXPECTED),
          z.union([z.string(), z.number(), z.boolean()], {
            error: 'a text, a number, true or false',
          }),
          { error: 'a mapping of values, such as {replicaCount: 3}' },
        )
        .prefault({})
        .meta({ description: 'Single values by their dotted path; they win over the files.' }),
      program: text('a program').prefault('helm').meta({
        description: 'The helm program, version 3 or 4.',
      }),
      timeout: duration(1_000).prefault('10m').meta({
        description: 'Time limit of one call of helm, its hooks included.',
      }),
      'hooks-on-rollback': flag().prefault(true).meta({
        description: 'Whether the chart’s hooks run on the way back; helm knows all or none.',
      }),
      components: components(
        helmComponentSchema,
        'Images that an upgrade changes, each with its repository and the values that carry its version.',
      ),
    },
    { error: 'a mapping with release, namespace, chart and components' },
  )
  .meta({ description: 'A Helm release.' });

const WORKLOAD = /^(?:Deployment|StatefulSet|DaemonSet)\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Workloads without Helm. */
export const kubernetesSchema = z
  .strictObject(
    {
      ...onCluster,
      components: components(
        componentSchema.extend({
          workloads: list(
            matching(WORKLOAD, 'Deployment/NAME, StatefulSet/NAME or DaemonSet/NAME'),
            'workloads',
          )
            .prefault([])
            .meta({ description: 'Workloads that run the image. Empty: found by the image.' }),
        }),
        'Images that an upgrade changes, each with its repository.',
      ),
    },
    { error: 'a mapping with namespace and components' },
  )
  .meta({ description: 'Deployments, StatefulSets and DaemonSets without Helm.' });
