import { readFile } from 'node:fs/promises';

const kinds = ['good', 'crash', 'unhealthy', 'degraded', 'slow', 'flaky', 'hang', 'loop'] as const;

/** How a build of the application behaves; every kind but `good` is a release that went wrong. */
export type Kind = (typeof kinds)[number];

/** What is baked into an image beside the code: the version it is, and how it behaves. */
export interface Behaviour {
  /** The version that health and license report; a wrongly built image reports another's. */
  readonly version: string;
  readonly kind: Kind;
}

/** How long a `slow` build takes before it listens. */
export const slowStartMs = 40_000;

/** How long a `loop` build lives before it ends by itself, without ever having listened. */
export const loopLifeMs = 2_000;

/** How many health answers of a `flaky` build are good; all later ones are not. */
export const flakyGoodAnswers = 2;

/**
 * Reads the behaviour that was baked into this image.
 *
 * It is a file and not an environment variable, so that a bad version is a bad *image*: nothing
 * about the deployment that runs it differs from one that runs a good version.
 *
 * @throws Error when the file is missing or names an unknown kind.
 */
export async function readBehaviour(file: URL): Promise<Behaviour> {
  const value: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!isBehaviour(value)) {
    throw new Error(`${file.pathname}: expected {"version": "...", "kind": "${kinds.join('|')}"}`);
  }
  return value;
}

function isBehaviour(value: unknown): value is Behaviour {
  if (typeof value !== 'object' || value === null) return false;
  if (!('version' in value) || typeof value.version !== 'string') return false;
  return 'kind' in value && kinds.some((kind) => kind === value.kind);
}
