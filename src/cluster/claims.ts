/**
 * The claim of a deployment on a cluster: a Lease in its namespace. Whoever creates it first has it; every change names
 * the version that it changes, so two writers can't both win.
 */
import type { V1Lease } from '@kubernetes/client-node';
import { failure, type BelayError } from '../domain/errors.ts';
import type { Claim, RecordedChild } from '../domain/target.ts';
import { parseClaim } from '../process/recorded-claim.ts';
import type { Cluster } from './cluster.ts';
import { asked, clusterFailure, found, statusOf } from './failures.ts';

/** The claim of one deployment. All methods throw fault `claim` when it is another's. */
export interface Claims {
  claim(claim: Claim): Promise<void>;
  read(): Promise<Claim | undefined>;
  check(runId: string): Promise<Claim>;
  takeOver(from: Claim, runId: string): Promise<Claim>;
  release(runId: string): Promise<void>;
  noteBackup(runId: string, file: string): Promise<void>;
  /** Adds a running program, whichever run holds the claim; without a claim, nothing. */
  addChild(child: RecordedChild): Promise<void>;
  /** Removes one that has ended. */
  removeChild(child: RecordedChild): Promise<void>;
}

const ANNOTATION = 'belay.dev/claim';
/** Someone else's write in between is tried again this often. */
const TRIES = 5;

interface Held {
  readonly lease: V1Lease;
  readonly claim: Claim;
}

/** The claim that the Lease `name` holds. */
export function createClaims(cluster: Cluster, name: string): Claims {
  const where = `Lease/${name} in namespace ${cluster.namespace}`;
  const read = () => readHeld(cluster, name, where);
  const mine = async (runId: string): Promise<Held> => {
    const held = await read();
    if (!held) throw lost(where, runId);
    if (held.claim.runId !== runId) throw foreign(where, held.claim);
    return held;
  };
  const change = async (find: () => Promise<Held | undefined>, edit: (claim: Claim) => Claim) => {
    for (let attempt = 1; ; attempt += 1) {
      const held = await find();
      if (!held) return undefined;
      const claim = edit(held.claim);
      if (await replaced(cluster, held.lease, claim, where)) return claim;
      if (attempt === TRIES)
        throw failure('environment', 'claim-busy', `${where} changes all the time`, 'Retry');
    }
  };
  return {
    claim: (claim) => create(cluster, name, claim, where, read),
    read: async () => (await read())?.claim,
    check: async (runId) => (await mine(runId)).claim,
    takeOver: (from, runId) => takeOver(from, runId, where, read, change),
    release: (runId) => release(cluster, name, runId, where, read),
    noteBackup: async (runId, backup) => {
      await change(
        () => mine(runId),
        (claim) => ({ ...claim, backup }),
      );
    },
    addChild: async (child) => {
      await change(read, (claim) => ({ ...claim, children: [...claim.children, child] }));
    },
    removeChild: async (child) => {
      await change(read, (claim) => ({
        ...claim,
        children: claim.children.filter((other) => !isSame(other, child)),
      }));
    },
  };
}

async function readHeld(
  { coordination, namespace }: Cluster,
  name: string,
  where: string,
): Promise<Held | undefined> {
  const lease = await found(
    `reading ${where}`,
    coordination.readNamespacedLease({ name, namespace }),
  );
  if (!lease) return undefined;
  const parsed = parseClaim(lease.metadata?.annotations?.[ANNOTATION] ?? '');
  if ('claim' in parsed) return { lease, claim: parsed.claim };
  throw failure(
    'claim',
    'claim-damaged',
    `${where} holds no claim that can be read: ${parsed.why}`,
    'An operation may be open on this deployment: see `belay status`. When none is, look at what runs, then delete that Lease by hand',
  );
}

function leaseOf(name: string, namespace: string, claim: Claim): V1Lease {
  return {
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'belay' },
      annotations: { [ANNOTATION]: JSON.stringify(claim) },
    },
    spec: { holderIdentity: claim.runId },
  };
}

async function create(
  { coordination, namespace }: Cluster,
  name: string,
  claim: Claim,
  where: string,
  read: () => Promise<Held | undefined>,
): Promise<void> {
  try {
    await coordination.createNamespacedLease({ namespace, body: leaseOf(name, namespace, claim) });
  } catch (error) {
    if (statusOf(error) !== 409) throw clusterFailure(error, `creating ${where}`);
    const held = await read();
    if (held && held.claim.runId !== claim.runId) throw foreign(where, held.claim);
    // Gone in between: the next attempt creates it.
    if (!held) throw failure('environment', 'claim-busy', `${where} was just removed`, 'Retry');
  }
}

/** False when someone else wrote in between. */
async function replaced(
  { coordination, namespace }: Cluster,
  lease: V1Lease,
  claim: Claim,
  where: string,
): Promise<boolean> {
  const name = lease.metadata?.name ?? '';
  const resourceVersion = lease.metadata?.resourceVersion;
  const fresh = leaseOf(name, namespace, claim);
  const metadata = { ...fresh.metadata, ...(resourceVersion !== undefined && { resourceVersion }) };
  try {
    await coordination.replaceNamespacedLease({ name, namespace, body: { ...fresh, metadata } });
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 409 || status === 404) return false;
    throw clusterFailure(error, `writing ${where}`);
  }
}

async function takeOver(
  from: Claim,
  runId: string,
  where: string,
  read: () => Promise<Held | undefined>,
  change: (
    find: () => Promise<Held | undefined>,
    edit: (claim: Claim) => Claim,
  ) => Promise<Claim | undefined>,
): Promise<Claim> {
  const find = async () => {
    const held = await read();
    if (held && held.claim.runId !== from.runId && held.claim.runId !== runId)
      throw foreign(where, held.claim);
    return held;
  };
  const taken = await change(find, (claim) => ({ ...claim, runId }));
  if (!taken) throw lost(where, from.runId);
  return taken;
}

async function release(
  { coordination, namespace }: Cluster,
  name: string,
  runId: string,
  where: string,
  read: () => Promise<Held | undefined>,
): Promise<void> {
  const held = await read();
  if (!held) return;
  if (held.claim.runId !== runId) throw foreign(where, held.claim);
  const { uid, resourceVersion } = held.lease.metadata ?? {};
  const preconditions = {
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  const gone = coordination.deleteNamespacedLease({ name, namespace, body: { preconditions } });
  await asked(
    `removing ${where}`,
    gone.catch((error: unknown) => {
      if (statusOf(error) !== 404) throw error;
    }),
  );
}

function isSame(a: RecordedChild, b: RecordedChild): boolean {
  return a.pgid === b.pgid && a.startTicks === b.startTicks && a.host === b.host;
}

function foreign(where: string, held: Claim): BelayError {
  const what = `${held.operation} ${held.fromVersion} → ${held.toVersion} of ${held.deployment}`;
  return failure(
    'claim',
    'claim-foreign',
    `Another operation holds ${where}: ${what}, run ${held.runId} of ${held.engine}, since ${held.startedAt}`,
    `Wait for it or end it (\`belay status ${held.deployment}\`); when its run is closed, \`belay rollback ${held.deployment}\` takes back what it left`,
  );
}

function lost(where: string, runId: string): BelayError {
  return failure(
    'claim',
    'claim-lost',
    `The claim of run ${runId} is not at ${where} any more: someone removed it`,
    'Look at what runs before anything else changes it',
  );
}
