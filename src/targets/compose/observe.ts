/**
 * What runs and what the files declare. Changes nothing.
 */
import { BelayError, failure, type Refusal } from '../../domain/errors.ts';
import type { Look, Observed, ObservedComponent, Pins } from '../../domain/target.ts';
import { findService } from './compose-file.ts';
import { scaleOf, type Resolved } from './config.ts';
import { byService, listContainers, toInstance, type ServiceContainer } from './containers.ts';
import { ENGINE_CODES, isListening, refuseMissingEngine, type Engine } from './engine.ts';
import { missingService } from './find-edit.ts';
import { localDigest } from './images.ts';
import { engineFacts, engineStartedAt, identify, machineId } from './machine.ts';
import type { Project } from './project.ts';
import { isSameRepository, parseReference } from '../../images/reference.ts';
import type { Scope } from './scope.ts';

/** Docker's API 1.41, and `compose up --wait` with `config --format json`. */
const LEAST_TOOLS = { docker: '20.10.0', compose: '2.20.0' };

/** A full observation: files, Compose, engine. Throws `request` with every reason when the files are wrong. */
export async function observe(scope: Scope, signal: AbortSignal): Promise<Observed> {
  const engine = await scope.engine();
  const reading = scope.project();
  const works = [
    engineFacts(engine),
    scope.composeVersion(),
    reading,
    reading.then((files) => scope.resolver.resolve(files, signal)),
    machineId(),
    engineStartedAt(engine.endpoint),
  ] as const;
  await throwEveryReason(works);
  const [facts, compose, project, resolved, machine, startedAt] = await Promise.all(works);
  const refusals = Object.entries(scope.components).flatMap(([service, { image }]) =>
    refuseDeclared(project, resolved, service, image),
  );
  if (refusals.length > 0) throw new BelayError('request', refusals);
  const containers = byService(await listContainers(engine, resolved.name));
  return {
    engineId: facts.engineId,
    machineId: machine,
    tools: { docker: facts.serverVersion, compose },
    leastTools: LEAST_TOOLS,
    platform: facts.platform,
    components: Object.fromEntries(
      Object.keys(scope.components).map((service) => [
        service,
        observed(resolved, service, containers[service] ?? [], compose),
      ]),
    ),
    ...(startedAt === undefined ? {} : { engineStartedAt: startedAt }),
  };
}

/** Refusals that were found side by side are told together; any other failure only when there is no refusal. */
async function throwEveryReason(works: readonly Promise<unknown>[]): Promise<void> {
  const errors = (await Promise.allSettled(works)).flatMap((result): unknown[] =>
    result.status === 'rejected' ? [refuseMissingEngine(result.reason)] : [],
  );
  const refusals = errors
    .filter((error) => error instanceof BelayError)
    .filter(({ fault }) => fault === 'request')
    .flatMap((error) => error.refusals);
  const distinct = [...new Map(refusals.map((refusal) => [refusal.message, refusal])).values()];
  if (distinct.length > 0) throw new BelayError('request', distinct, { cause: errors[0] });
  if (errors.length > 0) throw errors[0];
}

/** What runs, by the engine's API alone, of every service of the project. */
export async function look(scope: Scope): Promise<Look> {
  const engine = await scope.engine();
  const [containers, startedAt] = await Promise.all([
    scope.projectName().then((name) => listContainers(engine, name)),
    engineStartedAt(engine.endpoint),
  ]);
  await refuseShuttingDown(engine, containers);
  return {
    instances: Object.fromEntries(
      Object.entries(byService(containers)).map(([service, group]) => [
        service,
        group.map(toInstance),
      ]),
    ),
    ...(startedAt === undefined ? {} : { engineStartedAt: startedAt }),
  };
}

/**
 * An engine that shuts down stops the containers first, and goes on answering on open connections meanwhile. What it
 * takes down says nothing against the release.
 */
async function refuseShuttingDown(
  engine: Engine,
  containers: readonly ServiceContainer[],
): Promise<void> {
  const ended = containers.some(({ state }) => state === 'exited' || state === 'dead');
  if (!ended || (await isListening(engine.endpoint))) return;
  throw failure(
    'environment',
    ENGINE_CODES.unreachable,
    `The Docker engine at ${engine.endpoint.host} is shutting down: it takes no new connections`,
    'Start it again; belay goes on by itself then',
  );
}

/** Identity of engine and machine. */
export async function identity(scope: Scope): Promise<{ engineId: string; machineId: string }> {
  return identify(await scope.engine());
}

/**
 * Pins of what runs now, for the way back.
 *
 * @throws BelayError fault `request` with a reason for every component that has no container, or several images.
 */
export async function currentPins(scope: Scope, seen: Observed): Promise<Pins> {
  const engine = await scope.engine();
  const refusals: Refusal[] = [];
  const pins: [string, Pins[string]][] = [];
  for (const [component, { declared, instances }] of Object.entries(seen.components)) {
    const [imageId, ...others] = [...new Set(instances.map((instance) => instance.imageId))];
    if (imageId === undefined || others.length > 0) {
      refusals.push(noSinglePin(component, others.length + 1, imageId));
      continue;
    }
    const digest = await localDigest(engine, imageId, declared);
    pins.push([component, { reference: declared, imageId, ...(digest ? { digest } : {}) }]);
  }
  if (refusals.length > 0) throw new BelayError('request', refusals);
  return Object.fromEntries(pins);
}

function noSinglePin(component: string, images: number, imageId: string | undefined): Refusal {
  if (imageId === undefined)
    return {
      code: 'not-running',
      message: `${component} has no container, so there is nothing to come back to`,
      remedy: `Start it first: docker compose up --detach ${component}`,
    };
  return {
    code: 'mixed-images',
    message: `The containers of ${component} run ${images} different images`,
    remedy: `Make them equal first: docker compose up --detach ${component}`,
  };
}

function refuseDeclared(
  project: Project,
  resolved: Resolved,
  service: string,
  repository: string,
): readonly Refusal[] {
  const declared = resolved.services[service];
  if (!declared) return [missingService(project, service)];
  const place = project.composeFiles.flatMap((file) => {
    const text = findService(file, service);
    return text ? [`${file.path}:${text.line}`] : [];
  })[0];
  const where = `${place ?? project.directory}: service ${service}`;
  const { image } = declared;
  if (image === undefined)
    return [
      {
        code: 'image-built',
        message: `${where} is built and has no image whose version could be changed`,
        remedy: 'Name an image in the Compose file',
      },
    ];
  const parsed = parseReference(image);
  if (parsed?.digest !== undefined)
    return [
      {
        code: 'image-by-digest',
        message: `${where} pins its image by digest (${image}); another tag would not change what runs`,
        remedy: 'Remove the @sha256:… from the image, so that its tag is its version',
      },
    ];
  const sharing = sharesNamespace(resolved, service);
  if (sharing !== undefined)
    return [
      {
        code: 'shared-namespace',
        message: `${where} lends its network or namespace to ${sharing}, which a new container of ${service} would cut off`,
        remedy: `Give ${sharing} a network of its own, or upgrade this project by hand`,
      },
    ];
  if (isSameRepository(image, repository)) return [];
  return [
    {
      code: 'image-elsewhere',
      message: `${where} has the image ${image}, but the deployment says ${repository}`,
      remedy: `Correct target.compose.components.${service}.image in the deployment file`,
    },
  ];
}

/** Another service that lives in this one's network or namespaces; `up --no-deps` would leave it behind. */
function sharesNamespace(resolved: Resolved, service: string): string | undefined {
  const found = Object.entries(resolved.services).find(([name, other]) => {
    if (name === service) return false;
    const modes = [other.network_mode, other.ipc, other.pid];
    const volumes = (other.volumes_from ?? []).map((from) => from.split(':')[0]);
    return modes.includes(`service:${service}`) || volumes.includes(service);
  });
  return found?.[0];
}

function observed(
  resolved: Resolved,
  service: string,
  containers: readonly ServiceContainer[],
  compose: string,
): ObservedComponent {
  const drift = findDrift(resolved, service, containers, compose);
  return {
    declared: resolved.services[service]?.image ?? '',
    instances: containers.map(toInstance),
    ...(drift === undefined ? {} : { drift }),
  };
}

/** Why `up` would do more than change the image; undefined when it would not. */
function findDrift(
  resolved: Resolved,
  service: string,
  containers: readonly ServiceContainer[],
  compose: string,
): string | undefined {
  const declared = resolved.services[service];
  if (!declared || containers.length === 0) return undefined;
  const other = containers.find(({ reference }) => reference !== declared.image);
  if (other)
    return `${other.name} was made from ${other.reference}, but the files say ${declared.image ?? ''}`;
  const scale = scaleOf(declared);
  if (containers.length !== scale)
    return `${containers.length} containers of ${service} exist, but the files ask for ${scale}`;
  if (!isHashComparable(declared)) return undefined;
  const changed = containers.find(({ configHash }) => configHash !== resolved.hashes.get(service));
  if (!changed) return undefined;
  const { composeVersion } = changed;
  return composeVersion === undefined || composeVersion === compose
    ? `the files were changed since ${changed.name} was created: an upgrade would ship that change too`
    : `the files were changed since ${changed.name} was created, or only Compose (${composeVersion} then, ${compose} now)`;
}

/** Compose hashes these with the ID of another container in them, which `config --hash` does not know. */
export function isHashComparable(service: Resolved['services'][string]): boolean {
  const modes = [service.network_mode, service.ipc, service.pid];
  const refers = modes.some((mode) => mode?.startsWith('service:'));
  return !refers && (service.volumes_from ?? []).length === 0;
}

/** The service as Compose resolves it, or a `request` error. */
export function requireService(resolved: Resolved, project: Project, service: string) {
  const found = resolved.services[service];
  if (found) return found;
  const { code, message, remedy } = missingService(project, service);
  throw failure('request', code, message, remedy);
}
