import { ensureDocker, findDocker, stopDocker } from './stack/docker.ts';
import type { DockerEngine } from './stack/docker.ts';
import { stateDirectory } from './stack/place.ts';
import { ensureRegistry, findRegistry, stopRegistry } from './stack/registry.ts';
import type { Registry } from './stack/registry.ts';

const usage = `usage: node scripts/stack.ts up|down|status
  up      starts the Docker engine and the registry where none answers
  down    ends those that up (or a test, or the demo) started
  status  tells which answer`;

const commands: Record<string, () => Promise<void>> = { up, down, status };

async function up(): Promise<void> {
  print(await ensureDocker(), await ensureRegistry());
}

async function down(): Promise<void> {
  const registryEnded = await stopRegistry();
  const dockerEnded = await stopDocker();
  console.log(`registry: ${registryEnded ? 'stopped' : 'not ours, left as it is'}`);
  console.log(`docker:   ${dockerEnded ? 'stopped' : 'not ours, left as it is'}`);
}

async function status(): Promise<void> {
  const docker = await findDocker();
  const registry = await findRegistry();
  print(docker, registry);
  if (docker === undefined || registry === undefined) process.exitCode = 1;
}

function print(docker: DockerEngine | undefined, registry: Registry | undefined): void {
  console.log(`docker:   ${docker ? `${docker.socket}, ${whose(docker)}` : 'does not answer'}`);
  console.log(
    `registry: ${registry ? `${registry.address}, ${whose(registry)}` : 'does not answer'}`,
  );
  console.log(`state:    ${stateDirectory()}`);
}

function whose(part: DockerEngine | Registry): string {
  if (part.pid === undefined) return "the user's own";
  return `${part.startedNow ? 'started' : 'running'} (process ${part.pid})`;
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
