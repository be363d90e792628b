/** The images that a plan is about: where they are, and the exact edit that would bring them in. */
import { readFile } from 'node:fs/promises';
import type { ActContext, Wanted } from '../domain/act.ts';
import type { Deployment, Release } from '../domain/deployment.ts';
import type { Refusal } from '../domain/errors.ts';
import type { RollbackRequest, UpgradeRequest } from '../domain/operation.ts';
import type { ImageSource, Observed, Point } from '../domain/target.ts';
import type { PlanFacts } from '../plan/facts.ts';
import { isUntold, recordedImages, witnessesOf } from '../plan/recorded-images.ts';
import { pinsOf, wantedImages } from '../plan/wanted-images.ts';
import type { Target } from '../targets/target.ts';
import { bundleRefusal } from './bundle-path.ts';
import { Probes } from './probes.ts';

/** What is asked for, of which deployment. */
interface Subject {
  readonly deployment: Deployment;
  readonly request: UpgradeRequest | RollbackRequest;
  readonly release?: Release;
}

/** Facts of the wanted images, and what refuses them. */
export interface ImageFacts {
  readonly facts: Pick<
    PlanFacts,
    'leaving' | 'available' | 'recordedAt' | 'changes' | 'hazards' | 'previewNotes'
  >;
  readonly refusals: readonly Refusal[];
}

/** What is known before the images are. */
export type Known = Omit<PlanFacts, 'probeRefusals'> & { readonly observed: Observed };

/** Where it goes; a rollback with the point of the target's own history, where there is one, and with what is known. */
interface Way {
  readonly to: string;
  readonly point?: Point;
  readonly known?: Known;
}

/** The wanted images, and the exact edit that would bring them in. */
export async function observeImages(
  target: Target,
  input: Subject,
  way: Way,
  context: ActContext,
): Promise<ImageFacts> {
  const source = sourceOf(input.request);
  const refused = await bundleRefusal(input.deployment, source);
  if (refused) return { facts: {}, refusals: [refused] };
  const probes = new Probes();
  const located = await probes.ask(() => locate(target, input, way, context));
  const { point } = way;
  const goal = located && { pins: pinsOf(located.available), ...(point && { point }) };
  const seen = goal && (await probes.ask(() => target.preview(goal, context, source)));
  return {
    facts: {
      ...located,
      ...(seen && { changes: seen.changes, hazards: seen.hazards, previewNotes: seen.notes }),
    },
    refusals: probes.refusals,
  };
}

/** Located images, and the record that knows them where one does. */
type Located = Required<Pick<PlanFacts, 'available'>> & Pick<PlanFacts, 'recordedAt'>;

/**
 * Nothing is brought here for a point, so records tell its images better than a registry: by what the pods reported. The
 * registry is asked all the same, for one that has them no more; one that does not answer is no obstacle then.
 */
async function locate(
  target: Target,
  { deployment, request, release }: Subject,
  { to, point, known }: Way,
  context: ActContext,
): Promise<Located> {
  const source = sourceOf(request);
  const wanted = wantedImages(deployment, release, to);
  const recorded =
    point && known && source.from === 'registry' ? await fromRecords(wanted, to, known) : undefined;
  try {
    const available = await target.locate(wanted, source, context);
    return recorded ?? { available };
  } catch (error) {
    if (recorded && isUntold(error)) return recorded;
    throw error;
  }
}

async function fromRecords(
  wanted: Wanted,
  to: string,
  { history = [], observed }: Known,
): Promise<Located | undefined> {
  for (const { stamp, file } of witnessesOf(to, history)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const available = recordedImages(text, wanted, to, observed.platform);
    if (available) return { available, recordedAt: stamp };
  }
  return undefined;
}

/** Where the request says that images come from. */
export function sourceOf({ bundle }: Subject['request']): ImageSource {
  return bundle === undefined ? { from: 'registry' } : { from: 'bundle', path: bundle };
}
