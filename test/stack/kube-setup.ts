/** What the suites on a cluster need: the stack with the example's images, and the test cluster. */
import { ensureCluster, stopCluster } from '../../scripts/kube/cluster.ts';
import setUpStack from './global-setup.ts';

/** Brings up what is not there, and ends only a cluster that it started itself. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  await setUpStack();
  const cluster = await ensureCluster();
  // The workers, which start later, get this with the rest of the environment.
  process.env['BELAY_TEST_KUBECONFIG'] = cluster.kubeconfig;
  if (!cluster.startedNow) return undefined;
  return async () => {
    await stopCluster();
  };
}
