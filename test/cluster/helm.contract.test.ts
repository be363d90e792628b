/** The contract on real Helm releases, version 3 and 4. */
import { beforeAll } from 'vitest';
import { targetContract } from '../contract/target.contract.ts';
import { ensureTinyImage } from '../contract/tiny-image.ts';
import { programs } from '../stack/cluster.ts';
import { deployHelm } from './helm-release.ts';
import { REPOSITORY } from './tiny-chart.ts';

beforeAll(async () => {
  await ensureTinyImage(`${REPOSITORY}:1`, '1');
  await ensureTinyImage(`${REPOSITORY}:2`, '2');
});

targetContract('helm 3', { deploy: () => deployHelm({ program: programs.helm3 }) });
targetContract('helm 4', { deploy: () => deployHelm({ program: programs.helm4 }) });
