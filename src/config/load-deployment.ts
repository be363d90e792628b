/**
 * Loads a deployment by its name.
 */
import { join, resolve } from 'node:path';
import type { Deployment } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';
import type { BelayError } from '../domain/errors.ts';
import { whyNotName } from '../domain/names.ts';
import { deploymentSchema } from './deployment-schema.ts';
import { listDeployments } from './list-deployments.ts';
import { nearest } from './nearest.ts';
import { readFileAs, refuseProblems } from './read-file-as.ts';
import { toDeployment } from './to-deployment.ts';

/**
 * Finds `<folder>/<name>.yaml` (or `.yml`) in the first folder that has it, and reads it.
 *
 * @throws BelayError `request` with every reason at once: a name that can't be one, no such deployment (with the known
 * ones), or all that is wrong in the file, each with its line.
 */
export async function loadDeployment(
  folders: readonly string[],
  name: string,
): Promise<Deployment> {
  const why = whyNotName(name);
  if (why !== undefined) {
    const message = `The deployment name ${JSON.stringify(name.slice(0, 80))} ${why}`;
    throw failure(
      'request',
      'bad-name',
      message,
      'Use the name of a deployment file, without its folder and ending',
    );
  }
  for (const folder of folders) {
    const found: Deployment[] = [];
    for (const ending of ['yaml', 'yml']) {
      const deployment = await readDeployment(join(resolve(folder), `${name}.${ending}`), name);
      if (deployment) found.push(deployment);
    }
    const [deployment, twin] = found;
    if (deployment && twin) {
      const message = `${deployment.file} and ${twin.file} both describe "${name}"`;
      throw failure('request', 'two-files', message, 'Remove one of them');
    }
    if (deployment) return deployment;
  }
  throw await unknownDeployment(folders, name);
}

async function readDeployment(file: string, name: string): Promise<Deployment | undefined> {
  const settings = {
    kind: 'deployment',
    schema: deploymentSchema,
    nameKey: 'name',
    name,
  } as const;
  const read = await readFileAs(file, settings);
  if (read === undefined) return undefined;
  const { written, parsed, digest } = read;
  const made = toDeployment(written, { file, digest });
  if ('problems' in made) throw refuseProblems(file, parsed, made.problems);
  return made.deployment;
}

async function unknownDeployment(folders: readonly string[], name: string): Promise<BelayError> {
  const known = (await listDeployments(folders)).map((found) => found.name);
  const near = nearest(name, known);
  const first = folders[0] ?? 'deployments';
  const listed = `Known deployments: ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}`;
  const remedy =
    known.length === 0
      ? `Write ${join(first, `${name}.yaml`)}, or name its folder in BELAY_DEPLOYMENTS`
      : `${near === undefined ? '' : `Did you mean "${near}"? `}${listed}`;
  return failure(
    'request',
    'unknown-deployment',
    `There is no deployment "${name}" in ${folders.join(', ')}`,
    remedy,
  );
}
