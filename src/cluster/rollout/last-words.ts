/**
 * What a container said before it ended.
 */
import type { V1Pod } from '@kubernetes/client-node';
import { redact } from '../../process/redact.ts';
import type { Cluster } from '../cluster.ts';
import { asked } from '../failures.ts';
import { rememberPodSecrets } from '../secrets.ts';

const LINES = 5;
const LINE_LENGTH = 200;
const MOST_BYTES = 16 * 1024;

/**
 * Its last lines, redacted; empty when they can't be had, or when what must not be said is not known: a Secret of the
 * pod that may not be read.
 */
export async function lastWords(cluster: Cluster, pod: V1Pod, container: string): Promise<string> {
  const { core, namespace } = cluster;
  const name = pod.metadata?.name ?? '';
  try {
    const unread = await rememberPodSecrets(cluster, [pod]);
    if (unread.length > 0) return '';
    const log = await asked(
      `reading the log of ${container} in ${name}`,
      core.readNamespacedPodLog({
        name,
        namespace,
        container,
        tailLines: LINES,
        limitBytes: MOST_BYTES,
      }),
    );
    const lines = redact(log)
      .split('\n')
      .filter((line) => line.trim() !== '');
    return lines.map((line) => line.slice(0, LINE_LENGTH)).join('\n');
  } catch {
    // It says more of a failure that is known already.
    return '';
  }
}
