/**
 * Makes the declared and the running state equal the pins, whatever it finds. The way back is the same act.
 */
import { BelayError, failure } from '../../domain/errors.ts';
import type { Claim, Goal, Observed, Pin, Pins } from '../../domain/target.ts';
import type { ActContext } from '../../domain/act.ts';
import { scaleOf, type Resolved } from './config.ts';
import { findMendings, isReplacementName } from './container-names.ts';
import { byService, listContainers, removeContainer, type ServiceContainer } from './containers.ts';
import { engineFailure, statusOf, type Engine } from './engine.ts';
import { ensureTag } from './images.ts';
import { isHashComparable, observe, requireService } from './observe.ts';
import { planEdit } from './plan-edit.ts';
import { pullImage } from './pull.ts';
import type { Project } from './project.ts';
import type { Scope } from './scope.ts';
import { settleAll } from './settle.ts';
import { bringUp } from './up.ts';
import { replaceFile } from './write-file.ts';

/** Under the claim of `runId`; see `Target.swap`. */
export async function swap(
  scope: Scope,
  { pins }: Goal,
  runId: string,
  context: ActContext,
): Promise<Observed> {
  const claim = await scope.claims.check(runId);
  await settleAll(scope, claim.children, context.signal);
  for (const child of claim.children) await scope.claims.removeChild(child);
  const engine = await scope.engine();
  await requireImages(scope, engine, pins, context);
  const { project, resolved } = await declare(scope, pins, claim, context);
  const services = Object.keys(pins);
  await mend(engine, resolved, services);
  const before = byService(await listContainers(engine, resolved.name));
  const different = services.filter(
    (service) => whyNot(resolved, service, pins, before[service] ?? [], 'running') !== undefined,
  );
  if (different.length > 0) {
    // The last moment before something changes that people notice.
    await scope.claims.check(runId);
    const recreate = different.some((service) => before[service]?.some((one) => one.unstartable));
    await bringUp(scope, project, { services: different, recreate }, runId, context);
    await verify(engine, resolved, pins);
  }
  return observe(scope, context.signal);
}

/** An image that someone pruned meanwhile is pulled again, by its digest, before anything is stopped for it. */
async function requireImages(
  scope: Scope,
  engine: Engine,
  pins: Pins,
  context: ActContext,
): Promise<void> {
  for (const [component, pin] of Object.entries(pins)) {
    const { reference, imageId } = pin;
    if (await ensureTag(engine, reference, imageId)) continue;
    // Only by digest: a tag may lead to another image by now.
    const why =
      pin.digest === undefined
        ? 'it came without a digest to pull it by'
        : await whyNotPulled(scope, engine, pin, context);
    if (why === undefined) continue;
    throw failure(
      'environment',
      'image-gone',
      `The image ${imageId} (${reference}) of ${component} is not in the engine any more, and could not be pulled: ${why}`,
      `Bring it back: docker pull ${reference}, or docker load; belay goes on by itself then`,
    );
  }
}

async function whyNotPulled(
  scope: Scope,
  engine: Engine,
  pin: Pin,
  context: ActContext,
): Promise<string | undefined> {
  try {
    await pullImage(engine, pin, scope.environment, context);
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof BelayError) return error.message;
    throw error;
  }
}

/** Makes the files declare the pins; proven beforehand, atomic, and left alone when they do already. */
async function declare(
  scope: Scope,
  pins: Pins,
  claim: Claim,
  { signal, progress }: ActContext,
): Promise<{ project: Project; resolved: Resolved }> {
  const project = await scope.project();
  const current = await scope.resolver.resolve(project, signal);
  for (const component of Object.keys(pins))
    refuseStranger(current, project, component, pins, claim);
  const { files, resolved } = await planEdit(
    project,
    pins,
    scope.resolver,
    reservedVariables(await scope.cliEnvironment()),
    signal,
  );
  signal.throwIfAborted();
  for (const { path, before, after } of files) {
    progress({ step: 'swap', detail: `edit ${path}` });
    await replaceFile({ path, before, after, within: project.directory });
  }
  return { project, resolved };
}

/** The files may declare where the operation came from or goes to; anything else is a person's edit, made meanwhile. */
function refuseStranger(
  current: Resolved,
  project: Project,
  component: string,
  pins: Pins,
  claim: Claim,
): void {
  const { image } = requireService(current, project, component);
  const known = [pins, claim.fromPins, claim.toPins].map((each) => each[component]?.reference);
  if (image === undefined || known.includes(image)) return;
  throw failure(
    'request',
    'declared-changed',
    `The files in ${project.directory} declare ${image} for ${component}; neither the operation nor what it came from did that`,
    'Somebody edited them during the operation: put the image back, then retry',
  );
}

/** Variables of the CLI's environment beat every environment file, so an edit of those would change nothing. */
export function reservedVariables(environment: Record<string, string>): ReadonlySet<string> {
  return new Set(Object.keys(environment));
}

async function mend(
  engine: Engine,
  resolved: Resolved,
  services: readonly string[],
): Promise<void> {
  const containers = byService(await listContainers(engine, resolved.name));
  for (const service of services) {
    const left = containers[service] ?? [];
    for (const mending of findMendings(resolved.services[service], left)) {
      if ('remove' in mending) {
        // Compose may have asked the engine to stop the old one already, and the engine goes on with it after Compose is
        // gone. In this order: a kill in between must leave the replacement, which tells what happened.
        await stopAndWait(engine, mending.replaced);
        await removeContainer(engine, mending.remove.id);
      } else
        await engine.find((docker) =>
          docker.getContainer(mending.rename.id).rename({ name: mending.to }),
        );
    }
  }
}

/** Waits for a stop that is under way too, for as long as the container's grace is; stopped already is fine. */
async function stopAndWait(engine: Engine, { id }: ServiceContainer): Promise<void> {
  try {
    await engine.patient.getContainer(id).stop();
  } catch (error) {
    const status = statusOf(error);
    if (status !== 304 && status !== 404) throw engineFailure(error, engine.endpoint);
  }
}

/** What differs from the pins, for people; undefined when nothing does. */
function whyNot(
  resolved: Resolved,
  service: string,
  pins: Pins,
  containers: readonly ServiceContainer[],
  asked: 'running' | 'started',
): string | undefined {
  const declared = resolved.services[service];
  const expected = declared ? scaleOf(declared) : 1;
  if (containers.length !== expected)
    return `${service} has ${containers.length} containers instead of ${expected}`;
  const hash = declared && isHashComparable(declared) ? resolved.hashes.get(service) : undefined;
  for (const container of containers) {
    const { name, state, imageId, configHash, startedAt } = container;
    if (imageId !== pins[service]?.imageId) return `${name} runs ${imageId}`;
    if (hash !== undefined && configHash !== hash) return `${name} has another configuration`;
    if (isReplacementName(name, declared)) return `${name} is its name`;
    if (asked === 'running' ? state !== 'running' : startedAt === undefined)
      return `${name} is ${state}`;
  }
  return undefined;
}

async function verify(engine: Engine, resolved: Resolved, pins: Pins): Promise<void> {
  const after = byService(await listContainers(engine, resolved.name));
  const wrong = Object.keys(pins).flatMap((service) => {
    const why = whyNot(resolved, service, pins, after[service] ?? [], 'started');
    return why === undefined ? [] : [why];
  });
  if (wrong.length === 0) return;
  throw failure(
    'environment',
    'swap-incomplete',
    `docker compose up said that it was done, but ${wrong.join('; ')}`,
    'Nothing: belay does it again; somebody or something else may be changing the same containers',
  );
}
