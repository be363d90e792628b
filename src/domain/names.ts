/**
 * Names that people, UIs and the Temporal CLI depend on: workflow IDs, task queues and search attributes.
 */

/** The longest deployment name accepted: a DNS label, so that it fits every target and file system. */
export const MAX_NAME_LENGTH = 63;

const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Says why `name` can't be a deployment's (or site's) name, or returns undefined when it can. */
export function whyNotName(name: string): string | undefined {
  if (name.length === 0) return 'is empty';
  if (name.length > MAX_NAME_LENGTH)
    return `has ${name.length} characters; at most ${MAX_NAME_LENGTH} are allowed`;
  if (!NAME.test(name))
    return 'may hold only lower-case letters, digits and inner hyphens (a-z, 0-9, -)';
  return undefined;
}

/** Every operation on a deployment runs under this ID, so that two can't be open in one engine. */
export function deploymentWorkflowId(deployment: string): string {
  return `deployment/${deployment}`;
}

/** The ID of the read-only workflow `plan`. */
export function planWorkflowId(deployment: string): string {
  return `plan/${deployment}`;
}

/** The task queue of workflows and of activities that need no site. */
export const CONTROL_QUEUE = 'belay';

/** The task queue of one site's activities. */
export function siteQueue(site: string): string {
  return `belay.site.${site}`;
}

/** The site that the embedded engine serves; a configured Temporal never does. */
export const LOCAL_SITE = 'local';

/** Search attributes (all of type Keyword) that the worker registers before it polls. */
export const SEARCH_ATTRIBUTES = [
  'BelayDeployment',
  'BelayTenant',
  'BelayFrom',
  'BelayTo',
  'BelayPhase',
  'BelayOutcome',
] as const;

/** One of {@link SEARCH_ATTRIBUTES}. */
export type SearchAttributeName = (typeof SEARCH_ATTRIBUTES)[number];
