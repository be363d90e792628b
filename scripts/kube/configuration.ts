import { join } from 'node:path';
import { nodeName, podRange } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { keyPair } from './certificates.ts';
import type { KubePlace } from './place.ts';
import type { Programs } from './programs.ts';

/** Address of containerd inside the namespaces, whose /run is the cluster's own. */
export const containerdSocket = '/run/containerd/containerd.sock';
export const pauseImage = 'belay.local/pause:1';
/** containerd reads every file of its folder, so that the plugins' is one of its own. */
export const pluginFolder = 'cni';

/** Files in the configuration folder, by name: texts that the programs read. */
export function renderConfiguration(
  place: KubePlace,
  addresses: Addresses,
  programs: Programs,
): Readonly<Record<string, string>> {
  return {
    'containerd.toml': renderContainerd(place, programs),
    [join(pluginFolder, '10-belay.conflist')]: toJson(networkConfiguration()),
    'kubelet.yaml': toJson(kubeletConfiguration(place, addresses)),
    'kube-proxy.yaml': toJson(proxyConfiguration(place, addresses)),
  };
}

/**
 * No CAP_SYS_RESOURCE is assumed, so that it works in a container too: sandboxes ask for a negative
 * oom score otherwise. The registry on 127.0.0.1 needs no entry; containerd talks plainly to it.
 */
function renderContainerd(place: KubePlace, programs: Programs): string {
  const text = (value: string): string => JSON.stringify(value);
  const cri = '[plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${text(place.containerdRoot)}
state = "/run/containerd/state"
oom_score = 0
[grpc]
  address = ${text(containerdSocket)}
[ttrpc]
  address = ${text(`${containerdSocket}.ttrpc`)}
[plugins."io.containerd.internal.v1.opt"]
  path = ${text(join(place.containerdRoot, 'opt'))}
${cri}]
  sandbox_image = ${text(pauseImage)}
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
${cri}.cni]
  bin_dir = ${text(programs.plugins)}
  conf_dir = ${text(join(place.configuration, pluginFolder))}
  max_conf_num = 1
${cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"
${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
${cri}.containerd.runtimes.runc.options]
  BinaryName = ${text(programs.runc)}
  Root = "/run/runc"
  SystemdCgroup = false
`;
}

/** A bridge for the pods, host ports, and rules that let pods through where FORWARD drops. */
function networkConfiguration(): object {
  const addressing = {
    type: 'host-local',
    dataDir: '/run/belay-addresses',
    ranges: [[{ subnet: podRange }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const bridge = { type: 'bridge', bridge: 'pods0', isGateway: true, ipMasq: true };
  return {
    cniVersion: '0.4.0',
    name: 'belay',
    plugins: [
      { ...bridge, hairpinMode: true, ipam: addressing },
      { type: 'portmap', capabilities: { portMappings: true } },
      { type: 'firewall', backend: 'iptables' },
    ],
  };
}

function kubeletConfiguration(place: KubePlace, addresses: Addresses): object {
  const server = keyPair(place.certificates, 'kubelet-server');
  const clientCAFile = keyPair(place.certificates, 'ca').certificate;
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: addresses.node,
    healthzBindAddress: '127.0.0.1',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: server.certificate,
    tlsPrivateKeyFile: server.key,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroupOf(addresses)}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Lower scores and more files than a process has already need CAP_SYS_RESOURCE.
    oomScoreAdj: 0,
    maxOpenFiles: 20_000,
    clusterDomain: 'cluster.local',
    clusterDNS: [addresses.node],
    // For pods that ask for the node's own: `init.sh` makes it.
    resolvConf: '/etc/resolv.conf',
    podLogsDir: join(place.logs, 'pods'),
    volumePluginDir: join(place.kubeletRoot, 'volume-plugins'),
    // The pause image is only here because it was imported: it must never be collected.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1Gi' },
    serializeImagePulls: false,
    // A node that is gone is noticed in a quarter of a minute instead of nearly a whole one.
    nodeStatusUpdateFrequency: '3s',
    nodeLeaseDurationSeconds: 12,
  };
}

/** The control group that holds the cluster's pods. */
export function cgroupOf(addresses: Addresses): string {
  return `belay-kube-${addresses.index}`;
}

/** Zeros leave the kernel's own limits for connections as they are: they are the whole machine's. */
function proxyConfiguration(place: KubePlace, addresses: Addresses): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: join(place.configuration, 'kube-proxy.kubeconfig') },
    mode: 'iptables',
    bindAddress: addresses.node,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    nodePortAddresses: [`${addresses.node}/32`],
    hostnameOverride: nodeName,
    clusterCIDR: podRange,
    oomScoreAdj: 0,
    iptables: { minSyncPeriod: '100ms' },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

function toJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
