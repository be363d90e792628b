/**
 * The file's target → its settings.
 */
import { dirname, resolve } from 'node:path';
import type {
  ChartSource,
  ComponentSettings,
  ComposeSettings,
  HelmSettings,
  KubernetesSettings,
  OnCluster,
  TargetSettings,
} from '../domain/deployment.ts';
import type { DeploymentFile } from './deployment-schema.ts';

type WrittenTarget = DeploymentFile['target'];
type WrittenHelm = NonNullable<WrittenTarget['helm']>;
type WrittenKubernetes = NonNullable<WrittenTarget['kubernetes']>;
type WrittenCompose = NonNullable<WrittenTarget['compose']>;

/** What the rest of the file is read against. */
export interface ReadTarget {
  readonly settings: TargetSettings;
  readonly components: Readonly<Record<string, ComponentSettings>>;
  /** Names in which commands can be run beside the components; undefined: any (the target knows). */
  readonly neighbours: readonly string[] | undefined;
  /** Whether URLs may lead inside (`service://…`). */
  readonly inside: boolean;
  /** Part of the records' default names: on a cluster, several deployments may share a folder. */
  readonly recordsFolder: string;
}

/** Exactly one kind is written; the schema saw to that. */
export function readTarget(
  { name, target }: Pick<DeploymentFile, 'name' | 'target'>,
  file: string,
): ReadTarget {
  const { compose, helm, kubernetes } = target;
  if (compose) return readCompose(compose, file);
  if (helm) return onCluster(name, toHelm(helm, file), helm.components);
  if (kubernetes) return onCluster(name, toKubernetes(kubernetes, file), kubernetes.components);
  throw new Error('the schema lets no target without a kind through');
}

function onCluster(
  name: string,
  settings: HelmSettings | KubernetesSettings,
  components: Readonly<Record<string, ComponentSettings>>,
): ReadTarget {
  return {
    settings,
    components: Object.fromEntries(
      Object.entries(components).map(([component, { image, tag }]) => [component, { image, tag }]),
    ),
    neighbours: Object.keys(settings.neighbours),
    inside: true,
    recordsFolder: `data/${name}`,
  };
}

function readCompose(compose: WrittenCompose, file: string): ReadTarget {
  const { files, profiles, project } = compose;
  const dockerHost = compose['docker-host'];
  const settings: ComposeSettings = {
    kind: 'compose',
    directory: resolve(dirname(file), compose.directory),
    files,
    envFiles: compose['env-files'],
    profiles,
    ...(project !== undefined && { project }),
    ...(dockerHost !== undefined && { dockerHost }),
  };
  return {
    settings,
    components: compose.components,
    neighbours: undefined,
    inside: false,
    recordsFolder: 'data',
  };
}

function toCluster(written: WrittenHelm | WrittenKubernetes, file: string): OnCluster {
  const { namespace, kubeconfig, context, neighbours, rollout } = written;
  const directory = resolve(dirname(file), written.directory);
  const importCommand = written['import-command'];
  return {
    directory,
    cluster: {
      namespace,
      ...(kubeconfig !== undefined && { kubeconfig: resolve(directory, kubeconfig) }),
      ...(context !== undefined && { context }),
    },
    neighbours: Object.fromEntries(
      Object.entries(neighbours).map(([name, { kind, name: workload, container }]) => [
        name,
        { kind, name: workload, ...(container !== undefined && { container }) },
      ]),
    ),
    rollout: {
      maxRestarts: rollout['max-restarts'],
      graceMs: rollout.grace,
      progressMs: rollout.progress,
    },
    ...(importCommand && { importCommand }),
  };
}

function toHelm(written: WrittenHelm, file: string): HelmSettings {
  const common = toCluster(written, file);
  const at = (path: string) => resolve(common.directory, path);
  // A bare name is looked up in PATH; anything with a slash is a path.
  const program = written.program.includes('/') ? at(written.program) : written.program;
  return {
    kind: 'helm',
    ...common,
    release: written.release,
    chart: toChart(written.chart, at),
    values: written.values.map(at),
    set: written.set,
    versionValues: Object.fromEntries(
      Object.entries(written.components).map(([component, { values }]) => [component, values]),
    ),
    program,
    timeoutMs: written.timeout,
    hooksOnRollback: written['hooks-on-rollback'],
  };
}

function toChart(
  { path, oci, repository, name = '', version = '' }: WrittenHelm['chart'],
  at: (path: string) => string,
): ChartSource {
  if (path !== undefined) return { from: 'path', path: at(path) };
  if (oci !== undefined) return { from: 'oci', url: oci, version };
  return { from: 'repository', url: repository ?? '', name, version };
}

function toKubernetes(written: WrittenKubernetes, file: string): KubernetesSettings {
  return {
    kind: 'kubernetes',
    ...toCluster(written, file),
    workloads: Object.fromEntries(
      Object.entries(written.components).map(([component, { workloads }]) => [
        component,
        workloads,
      ]),
    ),
  };
}
