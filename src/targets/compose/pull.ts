/**
 * Pulls one image and proves that it is the planned one. Layers that are here already are not transferred again.
 */
import { Readable } from 'node:stream';
import { failure, type BelayError } from '../../domain/errors.ts';
import type { Pin } from '../../domain/target.ts';
import { redact } from '../../process/redact.ts';
import type { ActContext } from '../../domain/act.ts';
import { diskFull, engineFailure, statusOf, type Engine } from './engine.ts';
import { createLayerSum, readEvents } from './engine-stream.ts';
import { ensureTag, imageChanged, localImageId } from './images.ts';
import { parseReference, writtenRepository } from '../../images/reference.ts';
import { findLogin } from '../../images/registry-auth.ts';
import type { Environment } from '../../images/docker-config.ts';

/**
 * Pulls by digest when the plan has one, so that a tag moved since can't slip in; then gives it the planned tag.
 *
 * @throws BelayError `image-changed` (request) when the registry has something else under that name by now;
 * `registry-unreachable`, `disk-full` and the like (environment).
 */
export async function pullImage(
  engine: Engine,
  pin: Pin,
  env: Environment,
  context: ActContext,
): Promise<void> {
  const repository = writtenRepository(pin.reference);
  const parsed = parseReference(pin.reference);
  const tag = pin.digest ?? parsed?.tag ?? 'latest';
  const name = pin.digest ? `${repository}@${pin.digest}` : `${repository}:${tag}`;
  const { credentials } = parsed ? await findLogin(parsed.domain, env) : {};
  const sum = createLayerSum();
  try {
    const stream = await engine.patient.createImage(credentials ? { ...credentials } : undefined, {
      fromImage: repository,
      tag,
      abortSignal: context.signal,
    });
    const readable = stream instanceof Readable ? stream : Readable.from(stream);
    const error = await readEvents(readable, (event) =>
      context.progress({ step: `pull ${pin.reference}`, ...sum(event) }),
    );
    if (error !== undefined) throw pullFailure(name, error);
  } catch (error) {
    context.signal.throwIfAborted();
    const status = statusOf(error);
    if (status === undefined) throw engineFailure(error, engine.endpoint);
    throw pullFailure(name, error instanceof Error ? error.message : String(error), status);
  }
  const found = await localImageId(engine, name);
  if (found !== pin.imageId)
    throw imageChanged(pin.reference, pin.imageId, found ?? 'not there after the pull');
  await ensureTag(engine, pin.reference, pin.imageId);
}

/** Whose fault a failed pull is. The engine tells it in words only. */
export function pullFailure(name: string, said: string, status?: number): BelayError {
  const why = redact(said);
  if (/no space left on device/i.test(said)) return diskFull(said);
  if (/manifest unknown|manifest for .* not found|name unknown|not found: manifest/i.test(said))
    return failure(
      'request',
      'image-changed',
      `The registry does not have ${name} any more: ${why}`,
      'Plan again: somebody removed or replaced the image since',
    );
  if (/unauthorized|denied|forbidden|no basic auth credentials/i.test(said))
    return failure(
      'request',
      'image-denied',
      `The registry denies ${name}: ${why}`,
      'Log in as the worker’s user (docker login), or correct the name',
    );
  if (/no matching manifest for/i.test(said))
    return failure(
      'request',
      'image-platform',
      `${name} is not for this engine's platform: ${why}`,
      'Push the image for this platform',
    );
  return failure(
    'environment',
    'registry-unreachable',
    `${name} could not be pulled${status === undefined ? '' : ` (the engine answered ${status})`}: ${why}`,
    'See whether the registry runs and the engine can reach it; belay tries again while its patience lasts',
  );
}
