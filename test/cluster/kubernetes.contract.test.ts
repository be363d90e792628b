/** The contract on workloads without Helm. */
import { beforeAll } from 'vitest';
import { targetContract } from '../contract/target.contract.ts';
import { ensureTinyImage } from '../contract/tiny-image.ts';
import { REPOSITORY } from './tiny-chart.ts';
import { deployWorkload } from './workload.ts';

beforeAll(async () => {
  await ensureTinyImage(`${REPOSITORY}:1`, '1');
  await ensureTinyImage(`${REPOSITORY}:2`, '2');
});

targetContract('kubernetes', { deploy: () => deployWorkload() });
