import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { kubePlace } from './place.ts';

/** The programs of the cluster that can be stopped and started one by one. */
export const partNames = [
  'etcd',
  'containerd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
] as const;

export type PartName = (typeof partNames)[number];

const answerSchema = z.union([
  z.object({ states: z.partialRecord(z.enum(partNames), z.boolean()) }),
  z.object({ error: z.string() }),
]);

/**
 * Ends one part of the running cluster, and returns when its process is gone. It stays away until
 * {@link startPart}; one that ends by itself is started again.
 *
 * @param signal SIGTERM as an upgrade of the node would, SIGKILL as a crash would.
 */
export async function stopPart(
  part: PartName,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  await ask('POST', `/${part}/stop?signal=${signal}`);
}

/** Starts a part that was stopped, and returns when it serves. Does nothing when it runs. */
export async function startPart(part: PartName): Promise<void> {
  await ask('POST', `/${part}/start`);
}

/** Which parts run now. */
export async function readParts(): Promise<Readonly<Partial<Record<PartName, boolean>>>> {
  return ask('GET', '/');
}

/** @throws Error with what the cluster answered, or when none of ours runs. */
async function ask(
  method: 'GET' | 'POST',
  path: string,
): Promise<Partial<Record<PartName, boolean>>> {
  const answer = await new Promise<unknown>((resolve, reject) => {
    const asked = request({ socketPath: kubePlace().controlSocket, method, path }, (response) => {
      json(response).then(resolve, reject);
    });
    asked.on('error', (cause) =>
      reject(new Error('the test cluster does not run: node scripts/kube.ts up', { cause })),
    );
    asked.end();
  });
  const parsed = answerSchema.parse(answer);
  if ('error' in parsed) throw new Error(parsed.error);
  return parsed.states;
}
