/**
 * A client of the Temporal that the engine found.
 */
import { Client, Connection } from '@temporalio/client';
import type { TemporalConnection } from '../domain/connection.ts';

/** Connects lazily: the first call tells whether anybody answers. */
export function openClient(settings: TemporalConnection, identity: string): Client {
  const { address, namespace, tls, apiKey, metadata } = settings;
  const connection = Connection.lazy({
    address,
    ...(tls !== undefined && { tls: typeof tls === 'boolean' ? tls : { ...tls } }),
    ...(apiKey && { apiKey }),
    ...(metadata && { metadata: { ...metadata } }),
  });
  return new Client({ connection, namespace, identity });
}
