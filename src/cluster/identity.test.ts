import { ApiException, type CoreV1Api, type V1Node } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { nodePlatform, nodePlatforms } from './identity.ts';

const node = (operatingSystem: string, architecture: string) =>
  ({ status: { nodeInfo: { operatingSystem, architecture } } }) as V1Node;

/** A cluster that answers a listing of its nodes so. */
function cluster(answer: readonly V1Node[] | number) {
  const listNode = () =>
    typeof answer === 'number'
      ? Promise.reject(new ApiException(answer, 'no', undefined, {}))
      : Promise.resolve({ items: answer });
  return { core: { listNode } as unknown as CoreV1Api };
}

describe('the platforms of the nodes', () => {
  const [amd, arm] = [node('linux', 'amd64'), node('linux', 'arm64')];

  it.each<[string, readonly V1Node[] | number, readonly string[], string]>([
    ['of one kind', [arm, arm], ['linux/arm64'], 'linux/arm64'],
    ['of two kinds', [amd, arm, amd], ['linux/amd64', 'linux/arm64'], ''],
    ['one that says nothing yet', [{}, arm], ['linux/arm64'], 'linux/arm64'],
    ['not to be listed', 403, [], ''],
    ['none', [], [], ''],
  ])('%s', async (_, answer, platforms, one) => {
    expect(await nodePlatforms(cluster(answer))).toEqual(platforms);
    expect(await nodePlatform(cluster(answer))).toBe(one);
  });

  it('are not unknown because the API server is away', async () => {
    await expect(nodePlatforms(cluster(503))).rejects.toMatchObject({ fault: 'environment' });
  });
});
