import { join } from 'node:path';
import { nodeName, serviceRange } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { keyPair, tokenKey } from './certificates.ts';
import type { PartName } from './parts.ts';
import type { KubePlace } from './place.ts';

/** Where etcd answers, inside the namespaces. */
export const etcdUrl = 'http://127.0.0.1:2379';

/** Where the API server answers, from the host and from inside. */
export function apiUrl(addresses: Addresses): string {
  return `https://${addresses.node}:6443`;
}

/** The arguments of every part. All of them are in namespaces of their own: ports are free. */
export function partArguments(
  place: KubePlace,
  addresses: Addresses,
): Readonly<Record<PartName, readonly string[]>> {
  const kubeconfig = (name: string): string => join(place.configuration, `${name}.kubeconfig`);
  const asClient = (name: string): string[] => [
    `--kubeconfig=${kubeconfig(name)}`,
    `--authentication-kubeconfig=${kubeconfig(name)}`,
    `--authorization-kubeconfig=${kubeconfig(name)}`,
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    '--profiling=false',
  ];
  return {
    etcd: etcdArguments(place),
    containerd: ['--config', join(place.configuration, 'containerd.toml')],
    'kube-apiserver': apiServerArguments(place, addresses),
    'kube-controller-manager': [
      ...asClient('kube-controller-manager'),
      ...controllerArguments(place),
    ],
    'kube-scheduler': asClient('kube-scheduler'),
    kubelet: [
      `--config=${join(place.configuration, 'kubelet.yaml')}`,
      `--kubeconfig=${kubeconfig('kubelet')}`,
      `--root-dir=${place.kubeletRoot}`,
      `--cert-dir=${join(place.kubeletRoot, 'pki')}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${addresses.node}`,
    ],
    'kube-proxy': [`--config=${join(place.configuration, 'kube-proxy.yaml')}`],
  };
}

function etcdArguments(place: KubePlace): readonly string[] {
  const peers = 'http://127.0.0.1:2380';
  return [
    ...['--name', 'belay', '--data-dir', place.etcdData],
    ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
    ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers],
    ...['--initial-cluster', `belay=${peers}`],
  ];
}

function apiServerArguments(place: KubePlace, addresses: Addresses): readonly string[] {
  const pair = (name: Parameters<typeof keyPair>[1]) => keyPair(place.certificates, name);
  const token = tokenKey(place.certificates);
  return [
    '--bind-address=0.0.0.0',
    `--advertise-address=${addresses.node}`,
    '--secure-port=6443',
    `--etcd-servers=${etcdUrl}`,
    `--service-cluster-ip-range=${serviceRange}`,
    '--allow-privileged=true',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--client-ca-file=${pair('ca').certificate}`,
    `--tls-cert-file=${pair('apiserver').certificate}`,
    `--tls-private-key-file=${pair('apiserver').key}`,
    `--kubelet-client-certificate=${pair('apiserver-kubelet-client').certificate}`,
    `--kubelet-client-key=${pair('apiserver-kubelet-client').key}`,
    `--kubelet-certificate-authority=${pair('ca').certificate}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${token.public}`,
    `--service-account-signing-key-file=${token.private}`,
    `--requestheader-client-ca-file=${pair('front-proxy-ca').certificate}`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pair('front-proxy').certificate}`,
    `--proxy-client-key-file=${pair('front-proxy').key}`,
    // Without it, one that is told to end waits a minute for watches that nobody ends.
    '--shutdown-watch-termination-grace-period=1s',
    '--profiling=false',
  ];
}

/** With the default limits a new namespace waits seconds for its default ServiceAccount. */
function controllerArguments(place: KubePlace): readonly string[] {
  const authority = keyPair(place.certificates, 'ca');
  return [
    '--use-service-account-credentials=true',
    '--allocate-node-cidrs=false',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    `--flex-volume-plugin-dir=${join(place.kubeletRoot, 'volume-plugins')}`,
    `--service-account-private-key-file=${tokenKey(place.certificates).private}`,
    `--root-ca-file=${authority.certificate}`,
    `--cluster-signing-cert-file=${authority.certificate}`,
    `--cluster-signing-key-file=${authority.key}`,
    '--node-monitor-period=2s',
    '--node-monitor-grace-period=20s',
  ];
}
