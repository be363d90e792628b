/**
 * Facts of a small deployment with nothing against its upgrade from 1.2.2 to 1.3.0; tests change one thing at a time.
 */
import type { Deployment, Release } from '../domain/deployment.ts';
import type { AvailableImage, Claim, Instance, Observed } from '../domain/target.ts';
import type { PlanFacts } from './facts.ts';

/** A deployment with one component and a Postgres. */
export const deployment: Deployment = {
  name: 'acme',
  file: '/etc/belay/deployments/acme.yaml',
  fileDigest: 'f1',
  labels: {},
  site: 'local',
  target: { kind: 'compose', directory: '/opt/shop', files: [], envFiles: [], profiles: [] },
  components: { app: { image: 'registry.example.com/shop/app', tag: '{version}' } },
  version: { how: 'file', component: 'app', path: '/app/.version' },
  backup: {
    postgres: {
      url: { env: 'DB_URL' },
      component: 'db',
      directory: '/var/backups',
      keep: 5,
      timeoutMs: 60_000,
    },
  },
  migrate: { how: 'startup', ledger: 'schema_migrations', timeoutMs: 1_800_000 },
  health: {
    url: 'http://localhost:3000/health',
    expect: { status: 'ok' },
    timeoutMs: 90_000,
    consecutive: 3,
    intervalMs: 500,
    requestTimeoutMs: 5_000,
    maxRestarts: 2,
  },
  soakMs: 0,
  approval: false,
  rollback: { onFailure: 'automatic', restoreDatabase: 'never', timeoutMs: 60_000 },
  records: { history: '/opt/shop/history', previous: '/opt/shop/previous' },
  logs: '/opt/shop/logs',
  bundles: ['/srv/bundles'],
  patienceMs: 1_800_000,
};

const instance: Instance = {
  id: 'c1',
  name: 'shop-app-1',
  state: 'running',
  imageId: 'sha256:old',
  reference: 'registry.example.com/shop/app:1.2.2',
  restarts: 0,
  createdAt: '2026-03-26T09:00:00Z',
};

/** What runs: 1.2.2. */
export const observed: Observed = {
  engineId: 'engine-1',
  machineId: 'machine-1',
  tools: { docker: '20.10.24+dfsg1', plugin: '2.40.3' },
  leastTools: { docker: '20.10.0', plugin: '2.20.0' },
  platform: 'linux/amd64',
  components: {
    app: { declared: 'registry.example.com/shop/app:1.2.2', instances: [instance] },
  },
};

/** What the registry offers: 1.3.0. */
export const image: AvailableImage = {
  reference: 'registry.example.com/shop/app:1.3.0',
  imageId: 'sha256:new',
  digest: 'sha256:d-new',
  platform: 'linux/amd64',
  transferBytes: 4_000_000,
  present: false,
};

const published: Release = {
  version: '1.3.0',
  from: '>=1.2.0',
  migrations: [
    { version: 2018, kind: 'additive' },
    { version: 2017, kind: 'additive' },
  ],
  digests: {},
};

/** Nothing speaks against this upgrade. */
export const facts: PlanFacts = {
  deployment,
  request: { deployment: 'acme', to: '1.3.0' },
  source: { from: 'registry' },
  observed,
  runningVersion: '1.2.2',
  release: published,
  available: { app: image },
  fromPins: { app: { reference: instance.reference, imageId: 'sha256:old' } },
  changes: [
    {
      kind: 'edit',
      file: 'shop.yml',
      diff: '-    image: registry.example.com/shop/app:1.2.2\n+    image: registry.example.com/shop/app:1.3.0\n',
    },
    {
      kind: 'command',
      argv: ['docker', 'up', '--no-deps', 'app'],
      effect: 'recreates the container of app',
    },
  ],
  disk: {
    images: { freeBytes: 50_000_000 },
    backup: { directory: '/var/backups', freeBytes: 50_000_000 },
  },
  database: { serverVersion: '18.6', sizeBytes: 12_000_000, ledger: [2015, 2016] },
  healthBefore: { ok: true, status: 200, tookMs: 4 },
  history: [],
  probeRefusals: [],
};

/** The release 1.3.0, changed. */
export const release = (changed: Partial<Release>): Release => ({ ...published, ...changed });

/** The deployment, changed. */
export const deployed = (changed: Partial<Deployment>): Deployment => ({
  ...deployment,
  ...changed,
});

/** The release 1.3.0 with a migration that breaks the version before. */
export const breaking = release({ migrations: [{ version: 2017, kind: 'breaking' }] });

/** A policy that lets an operator decide. */
export const parking = { ...deployment.rollback, onFailure: 'park' } as const;

/** Another operation's claim. */
export const claim: Claim = {
  deployment: 'acme',
  operation: 'upgrade',
  engine: 'e/default',
  workflowId: 'deployment/acme',
  runId: 'run-7',
  planDigest: 'd',
  fromVersion: '1.2.1',
  toVersion: '1.2.2',
  fromPins: {},
  toPins: {},
  startedAt: '2026-03-26T09:00:00Z',
  children: [],
};

/** Facts whose files declare another image. */
export const declaring = (declared: string): PlanFacts => ({
  ...facts,
  observed: { ...observed, components: { app: { declared, instances: [] } } },
});
