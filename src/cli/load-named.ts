/**
 * Reads a deployment's file before anything is asked of an engine, so that a mistake in it costs nothing.
 */
import { realpath } from 'node:fs/promises';
import type { Deployment } from '../domain/deployment.ts';
import { failure } from '../domain/errors.ts';

/**
 * The deployment of this name in this command's folders. Throws `request` with every reason, each with its line, and
 * when another folder that the engine knows has a different deployment of the same name.
 */
export async function loadNamed(name: string): Promise<Deployment> {
  const [{ loadDeployment }, { deploymentFolders }, { listDeployments }, { readFolders }] =
    await Promise.all([
      import('../config/load-deployment.ts'),
      import('../config/deployment-folders.ts'),
      import('../config/list-deployments.ts'),
      import('../engine/folders.ts'),
    ]);
  const deployment = await loadDeployment(deploymentFolders(process.env), name);
  const here = await realpath(deployment.file);
  for (const folder of await readFolders()) {
    // A folder that can't be read any more has no say.
    const found = (await listDeployments([folder]).catch(() => [])).find(
      (other) => other.name === name,
    );
    if (found && (await realpath(found.file)) !== here) {
      throw failure(
        'request',
        'two-deployments',
        `${deployment.file} and ${found.file} both describe a deployment "${name}", and one engine runs them`,
        'Rename one of them (file and `name:`), or give each its own engine with BELAY_STATE',
      );
    }
  }
  return deployment;
}
