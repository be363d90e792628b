/**
 * Brings the planned images here and keeps the present ones from being pruned.
 */
import { failure } from '../../domain/errors.ts';
import type { ImageSource, Pin, Pins } from '../../domain/target.ts';
import type { ActContext } from '../../domain/act.ts';
import type { Engine } from './engine.ts';
import { ensureTag, imageChanged, keepImage } from './images.ts';
import { loadBundle } from './load.ts';
import { pullImage } from './pull.ts';
import type { Scope } from './scope.ts';

/** Ensure-shaped: an image that is here under its ID is not transferred again, only tagged. */
export async function fetchImages(
  scope: Scope,
  pins: Pins,
  source: ImageSource,
  keep: Pins,
  context: ActContext,
): Promise<void> {
  const engine = await scope.engine();
  const project = await scope.projectName();
  for (const [component, pin] of Object.entries(keep)) {
    if (await keepImage(engine, project, component, pin)) continue;
    throw failure(
      'request',
      'image-gone',
      `The image ${pin.imageId} that ${component} runs now is not in the engine any more, so there would be no way back`,
      `Pull ${pin.reference} again, or load it, before the upgrade`,
    );
  }
  const missing: Pin[] = [];
  for (const pin of Object.values(pins)) {
    context.signal.throwIfAborted();
    if (!(await ensureTag(engine, pin.reference, pin.imageId))) missing.push(pin);
  }
  if (source.from === 'registry')
    for (const pin of missing) await pullImage(engine, pin, scope.environment, context);
  else if (missing.length > 0) await load(engine, source.path, missing, context);
  // So that a prune between here and the swap can't take them either.
  for (const [component, pin] of Object.entries(pins))
    await keepImage(engine, project, component, pin);
}

async function load(
  engine: Engine,
  path: string,
  pins: readonly Pin[],
  context: ActContext,
): Promise<void> {
  await loadBundle(engine, path, context);
  for (const { reference, imageId } of pins)
    if (!(await ensureTag(engine, reference, imageId)))
      throw imageChanged(`${reference} in ${path}`, imageId, 'another image');
}
