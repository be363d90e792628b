/**
 * URLs of a Compose project are published on this machine: they are asked as they are.
 */
import type { Reached } from '../../domain/act.ts';
import { failure } from '../../domain/errors.ts';

/** See `Target.reach`. */
export function reach(url: string): Promise<Reached> {
  if (!url.startsWith('service:')) return Promise.resolve({ url, close: () => Promise.resolve() });
  return Promise.reject(
    failure(
      'request',
      'url-not-reachable',
      `${url} leads into a cluster, and a Compose project is none`,
      'Publish the port and give its http:// URL',
    ),
  );
}
