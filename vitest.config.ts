import { defineConfig } from 'vitest/config';

const onStack = { globalSetup: ['test/stack/global-setup.ts'] };
const onCluster = { globalSetup: ['test/stack/kube-setup.ts'] };
const slow = { testTimeout: 180_000, hookTimeout: 300_000, fileParallelism: false } as const;

/** A machine that is busy with many things at once: each test's own limits are shorter, and say what did not happen. */
const patient = { ...slow, testTimeout: 480_000, hookTimeout: 480_000 } as const;

/** One project per kind of test; `scripts/test.ts` runs them in this order. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: [
            'src/**/*.test.ts',
            'examples/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
        },
      },
      { test: { name: 'workflows', include: ['test/workflows/**/*.test.ts'], ...slow } },
      { test: { name: 'replay', include: ['test/replay/**/*.test.ts'], ...slow } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...slow, ...onStack } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          ...slow,
          ...onStack,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          ...patient,
          ...onStack,
          // After a kill most of the time is waiting for what was killed to be missed.
          maxConcurrency: 2,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          ...patient,
          ...onCluster,
          // Each file has namespaces of its own, and waits for pods most of the time.
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'cluster-faults',
          include: ['test/cluster-faults/**/*.test.ts'],
          ...patient,
          ...onCluster,
          maxConcurrency: 2,
        },
      },
      {
        test: {
          name: 'registry-outages',
          include: ['test/registry-outages/**/*.test.ts'],
          ...patient,
          ...onCluster,
        },
      },
    ],
  },
});
