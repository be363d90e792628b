import { ensureCluster, findCluster, stopCluster } from './kube/cluster.ts';
import type { KubeCluster } from './kube/cluster.ts';
import { readParts } from './kube/parts.ts';

const usage = `usage: node scripts/kube.ts up|down|status|env
  up      starts the test cluster where it does not run; tells its KUBECONFIG
  down    ends it, with everything in it
  status  tells whether it runs, and which of its parts
  env     prints the line that makes a shell use it: eval "$(node scripts/kube.ts env)"`;

const commands: Record<string, () => Promise<void>> = { up, down, status, env };

async function up(): Promise<void> {
  print(await ensureCluster());
}

async function down(): Promise<void> {
  console.log(`cluster: ${(await stopCluster()) ? 'stopped' : 'did not run'}`);
}

async function status(): Promise<void> {
  const cluster = findCluster();
  if (cluster === undefined) {
    console.log('cluster: does not run');
    process.exitCode = 1;
    return;
  }
  print(cluster);
  for (const [name, runs] of Object.entries(await readParts())) {
    console.log(`  ${name.padEnd(24)}${runs ? 'runs' : 'stopped'}`);
  }
}

function env(): Promise<void> {
  const cluster = findCluster();
  if (cluster === undefined) throw new Error('the cluster does not run: node scripts/kube.ts up');
  console.log(`export KUBECONFIG='${cluster.kubeconfig.replaceAll("'", `'\\''`)}'`);
  return Promise.resolve();
}

function print(cluster: KubeCluster): void {
  const how = cluster.startedNow ? 'started' : 'running';
  console.log(`cluster: Kubernetes ${cluster.version}, ${how} (process ${cluster.pid})`);
  console.log(
    `node:    ${cluster.nodeAddress} (NodePorts; pods reach the host at ${cluster.hostAddress})`,
  );
  console.log(`logs:    ${cluster.logs}`);
  console.log(`KUBECONFIG=${cluster.kubeconfig}`);
}

const command = commands[process.argv[2] ?? ''];
if (command === undefined || process.argv.length > 3) {
  console.error(usage);
  process.exitCode = 2;
} else {
  try {
    await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
