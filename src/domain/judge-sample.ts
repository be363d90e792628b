/**
 * One sample, looked at by itself: is it healthy, and does it show what can't become healthy any more?
 */
import type { Expectation, Sample } from './judgement.ts';
import type { Instance, Pin } from './target.ts';

/** What one sample says. */
export interface SampleVerdict {
  /** Everything that keeps it from being healthy; empty: healthy. */
  readonly problems: readonly string[];
  /** Another image runs than was planned: no waiting will change that. */
  readonly wrongImage?: string;
  /** The version reported beside a good answer, when it is not the expected one. */
  readonly wrongVersion?: string;
}

/** Looks at one sample whose instances are known. Those in `starting` (IDs) need not be ready, where others are. */
export function assessSample(
  sample: Sample,
  expected: Expectation,
  starting: ReadonlySet<string>,
): SampleVerdict {
  const instances = sample.instances ?? {};
  const pins = Object.entries(expected.pins);
  const runtime = pins.flatMap(([component, pin]) =>
    runtimeProblems(component, pin, judgedOf(instances[component] ?? [], starting)),
  );
  const wrongImage = pins
    .flatMap(([component, pin]) => wrongImages(component, pin, instances[component] ?? []))
    .at(0);
  const answer = answerProblem(sample);
  const version =
    answer === undefined ? versionProblem(sample.version, expected.version) : undefined;
  const problems = [...runtime, ...[answer, version].filter((text) => text !== undefined)];
  return {
    problems,
    ...(wrongImage !== undefined && { wrongImage }),
    ...(version !== undefined && sample.version !== undefined && { wrongVersion: sample.version }),
  };
}

/** Where nothing but starting ones is left, the component does not serve: then they are judged. */
function judgedOf(
  instances: readonly Instance[],
  starting: ReadonlySet<string>,
): readonly Instance[] {
  const others = instances.filter(({ id }) => !starting.has(id));
  return others.length > 0 ? others : instances;
}

function runtimeProblems(component: string, pin: Pin, instances: readonly Instance[]): string[] {
  if (instances.length === 0) return [`${component} has no container`];
  return instances.flatMap((instance) => {
    if (instance.state !== 'running') return [`${component} is ${describeState(instance)}`];
    if (instance.imageId !== pin.imageId) return [`${component} runs another image than planned`];
    if (instance.health === 'starting')
      return [`${component}'s own health check is still starting`];
    if (instance.health === 'unhealthy') return [`${component}'s own health check fails`];
    return [];
  });
}

function wrongImages(component: string, pin: Pin, instances: readonly Instance[]): string[] {
  return instances
    .filter(({ state, imageId }) => state === 'running' && imageId !== pin.imageId)
    .map(
      ({ name, imageId }) =>
        `${component} (${name}) runs image ${imageId}, not ${pin.imageId} of ${pin.reference}`,
    );
}

/** `exited with code 1`, or the state's own name. */
export function describeState({ state, exitCode }: Instance): string {
  const ended = state === 'exited' || state === 'dead' || state === 'restarting';
  return ended && exitCode !== undefined ? `${state} with code ${exitCode}` : state;
}

function answerProblem({ answer }: Sample): string | undefined {
  if (answer === undefined) return 'the health URL was not asked, because nothing runs';
  return answer.ok ? undefined : answer.why;
}

function versionProblem(reported: string | undefined, expected: string): string | undefined {
  if (reported === undefined) return 'the application did not report its version';
  return bareVersion(reported) === bareVersion(expected)
    ? undefined
    : `the application reports version ${reported}, not ${expected}`;
}

/** Tags are written `1.3.0` and `v1.3.0` alike. */
function bareVersion(version: string): string {
  return version.trim().replace(/^v(?=\d)/, '');
}
