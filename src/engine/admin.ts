/**
 * What belay asks of a Temporal before its workers poll: that it is there, that it keeps history, and that it knows
 * belay's search attributes (an unregistered one would wedge a run).
 */
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { TemporalConnection } from '../domain/connection.ts';
import { failure } from '../domain/errors.ts';
import { SEARCH_ATTRIBUTES } from '../domain/names.ts';

/** Temporal's number of the type Keyword (`IndexedValueType`). */
const KEYWORD = 2;

/** The embedded engine keeps closed operations for a year: their history is the audit trail. */
const RETENTION_DAYS = 365;
const DAY_SECONDS = 24 * 60 * 60;

/** An open connection for administration. */
export interface Admin {
  /** Throws while the namespace can't be reached. */
  checkNamespace(): Promise<void>;
  /** Raises the namespace's retention to 365 days; never lowers it. */
  keepHistory(): Promise<void>;
  /** Registers what is missing. Throws `environment` with the exact command when it may not. */
  ensureSearchAttributes(): Promise<void>;
  /** Operations that are open (parked ones too). */
  countOpen(): Promise<number>;
  close(): Promise<void>;
}

/** Connects, lazily: the first call tells whether anybody answers. */
export function openAdmin(settings: TemporalConnection): Admin {
  const { namespace, metadata, tls, apiKey, address } = settings;
  const connection = Connection.lazy({
    address,
    // No retries of the SDK's: one that is due after `close` would end this process. Callers ask again by themselves.
    interceptors: [],
    ...(tls !== undefined && { tls: typeof tls === 'boolean' ? tls : { ...tls } }),
    ...(apiKey && { apiKey }),
    ...(metadata && { metadata: { ...metadata } }),
  });
  const { workflowService } = connection;
  const describe = () => workflowService.describeNamespace({ namespace });
  return {
    checkNamespace: async () => {
      await describe();
    },
    keepHistory: async () => {
      const { config } = await describe();
      const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
      if (seconds >= RETENTION_DAYS * DAY_SECONDS) return;
      const workflowExecutionRetentionTtl = msToTs(`${RETENTION_DAYS} days`);
      await workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl },
      });
    },
    ensureSearchAttributes: () => ensureSearchAttributes(connection, settings),
    countOpen: async () => {
      const query = `ExecutionStatus = 'Running'`;
      const { count } = await workflowService.countWorkflowExecutions({ namespace, query });
      return Number(count);
    },
    close: () => connection.close(),
  };
}

async function ensureSearchAttributes(
  connection: Connection,
  { namespace, address }: TemporalConnection,
): Promise<void> {
  let missing: readonly string[] = SEARCH_ATTRIBUTES;
  try {
    const known = await connection.operatorService.listSearchAttributes({ namespace });
    const wrong = SEARCH_ATTRIBUTES.filter(
      (name) => (known.customAttributes[name] ?? KEYWORD) !== KEYWORD,
    );
    if (wrong.length > 0) throw new Error(`${wrong.join(', ')} are not of type Keyword`);
    missing = SEARCH_ATTRIBUTES.filter((name) => known.customAttributes[name] === undefined);
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
  } catch (error) {
    throw failure(
      'environment',
      'search-attributes',
      `The search attributes ${missing.join(', ')} can't be registered in namespace "${namespace}" of ${address}: ${reasonOf(error)}`,
      `Let an administrator run: ${searchAttributeCommand(missing, namespace, address)}`,
      error,
    );
  }
}

/** The command that registers `names`; what an administrator is told to run. */
export function searchAttributeCommand(
  names: readonly string[],
  namespace: string,
  address: string,
): string {
  const attributes = names.flatMap((name) => ['--name', name, '--type', 'Keyword']);
  return [
    ...['temporal', 'operator', 'search-attribute', 'create'],
    ...['--address', address, '--namespace', namespace],
    ...attributes,
  ].join(' ');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'details' in error && typeof error.details === 'string' && error.details
    ? error.details
    : error.message;
}
