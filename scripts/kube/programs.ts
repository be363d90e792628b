import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { PartName } from './parts.ts';

/** Paths of the programs that a cluster is made of. */
export interface Programs {
  readonly parts: Readonly<Record<PartName, string>>;
  readonly kubectl: string;
  readonly ctr: string;
  readonly runc: string;
  /** Folder of the network plugins. */
  readonly plugins: string;
}

/**
 * Finds what `scripts/setup` provided, as env.sh names it.
 *
 * @throws Error with the remedy when something is missing.
 */
export function findPrograms(environment: NodeJS.ProcessEnv = process.env): Programs {
  const find = (name: string, preferred: string | undefined, part: string): string =>
    findProgram(name, preferred, environment['PATH'] ?? '', part);
  const built = environment['BELAY_KUBERNETES'];
  const kubernetes = (name: string): string =>
    find(name, built === undefined ? undefined : join(built, name), 'kubernetes');
  const containerd = find('containerd', environment['BELAY_CONTAINERD_BIN'], 'containerd');
  return {
    parts: {
      etcd: find('etcd', environment['BELAY_ETCD_BIN'], 'containerd'),
      containerd,
      'kube-apiserver': kubernetes('kube-apiserver'),
      'kube-controller-manager': kubernetes('kube-controller-manager'),
      'kube-scheduler': kubernetes('kube-scheduler'),
      kubelet: kubernetes('kubelet'),
      'kube-proxy': kubernetes('kube-proxy'),
    },
    kubectl: kubernetes('kubectl'),
    ctr: join(dirname(containerd), 'ctr'),
    runc: find('runc', environment['BELAY_RUNC_BIN'], 'containerd'),
    plugins: dirname(
      find(
        'bridge',
        join(environment['BELAY_CNI_PLUGINS'] ?? '/usr/lib/cni', 'bridge'),
        'containerd',
      ),
    ),
  };
}

function findProgram(
  name: string,
  preferred: string | undefined,
  path: string,
  part: string,
): string {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const places = [preferred, ...folders.map((folder) => join(folder, name))];
  const found = places.find((place) => place !== undefined && isExecutable(place));
  if (found !== undefined) return found;
  throw new Error(
    `${name} is not on this machine: sh scripts/setup ${part} && ` +
      '. "${BELAY_CACHE:-$HOME/.cache/belay}/env.sh"',
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
