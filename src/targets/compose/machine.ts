/**
 * Which engine and machine this is, and since when the engine runs.
 */
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { failure } from '../../domain/errors.ts';
import type { Endpoint } from './endpoint.ts';
import type { Engine } from './engine.ts';

/** Facts about the engine. */
export interface EngineFacts {
  readonly engineId: string;
  readonly serverVersion: string;
  /** `linux/amd64`. */
  readonly platform: string;
  /** Where images are stored, as a path of the engine's machine. */
  readonly rootDirectory: string;
  /** Registries (`host:port`) that the engine's settings let it reach without TLS. */
  readonly insecureRegistries: readonly string[];
}

const infoSchema = z.object({
  ID: z.string(),
  DockerRootDir: z.string(),
  DriverStatus: z.array(z.array(z.string())).nullish(),
  RegistryConfig: z
    .object({
      IndexConfigs: z.record(z.string(), z.object({ Secure: z.boolean().optional() })).nullish(),
    })
    .nullish(),
});

/** Docker 20.10; older ones lack what is asked of them. */
const MIN_API = 41;

/** Identity of engine and machine; cheap. */
export async function identify(engine: Engine): Promise<{ engineId: string; machineId: string }> {
  const info = await askInfo(engine);
  return { engineId: info.ID, machineId: await machineId() };
}

/**
 * What must be known of the engine.
 *
 * @throws BelayError fault `request`: too old, or with an image store whose IDs belay does not know yet.
 */
export async function engineFacts(engine: Engine): Promise<EngineFacts> {
  const [info, version] = await Promise.all([
    askInfo(engine),
    engine.ask((docker) => docker.version()),
  ]);
  const minor = Number(/^1\.(\d+)$/.exec(version.ApiVersion)?.[1] ?? 0);
  if (minor < MIN_API)
    throw failure(
      'request',
      'engine-too-old',
      `The Docker engine at ${engine.endpoint.host} is ${version.Version} (API ${version.ApiVersion}); belay needs 20.10 or newer`,
      'Update Docker',
    );
  if (info.DriverStatus?.some((pair) => pair.includes('io.containerd.snapshotter.v1')))
    throw failure(
      'request',
      'image-store',
      `The Docker engine at ${engine.endpoint.host} uses the containerd image store, whose image IDs this version of belay does not compare`,
      'Use an engine with the classic image store. Do not switch this one over for it: that hides every image and container it has now',
    );
  const indexes = Object.entries(info.RegistryConfig?.IndexConfigs ?? {});
  return {
    engineId: info.ID,
    serverVersion: version.Version,
    platform: `${version.Os}/${version.Arch}`,
    rootDirectory: info.DockerRootDir,
    insecureRegistries: indexes.flatMap(([name, { Secure }]) => (Secure === false ? [name] : [])),
  };
}

async function askInfo(engine: Engine): Promise<z.infer<typeof infoSchema>> {
  return infoSchema.parse(await engine.ask((docker): Promise<unknown> => docker.info()));
}

/** Identity of this machine, the same across restarts. */
export async function machineId(): Promise<string> {
  const text = await readFile('/etc/machine-id', 'utf8').catch(() => '');
  return text.trim() || `host:${hostname()}`;
}

/**
 * When the engine was started (ISO), as its files tell: it makes its socket and its PID file when it starts. The newer
 * counts, for with socket activation the socket is older. The API does not say it.
 */
export async function engineStartedAt({ socketPath }: Endpoint): Promise<string | undefined> {
  const files = [socketPath, join(dirname(socketPath), 'docker.pid')];
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const newest = Math.max(...times);
  return newest > 0 ? new Date(newest).toISOString() : undefined;
}
