/**
 * `belay rbac NAME`: the ServiceAccount, Role and RoleBinding that a site worker needs for a deployment on a cluster.
 */
import { failure } from '../../domain/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { loadNamed } from '../load-named.ts';
import type { CommonOptions } from '../options.ts';
import { checkText } from '../options.ts';
import type { Output } from '../output.ts';

/** Options of the command. */
export interface RbacOptions extends CommonOptions {
  readonly serviceAccount?: string;
}

/** Prints YAML for `kubectl apply -f -`, and nothing else on stdout. */
export async function rbac(name: string, options: RbacOptions, output: Output): Promise<number> {
  checkText('--service-account', options.serviceAccount);
  const deployment = await loadNamed(name);
  const { permissionsOf } = await import('../../worker/permissions.ts');
  const needed = permissionsOf(deployment.target);
  if (!needed) {
    throw failure(
      'request',
      'not-on-cluster',
      `${name} does not run on a cluster: it needs no permissions there`,
      'Name a deployment whose target is on a cluster',
    );
  }
  const { renderRbac } = await import('../../cluster/rbac.ts');
  const { namespace } = needed;
  const serviceAccount = options.serviceAccount ?? 'belay';
  const yaml = renderRbac({ name, namespace, serviceAccount }, needed.permissions);
  output.say(yaml.trimEnd());
  output.answer({ namespace, serviceAccount, permissions: needed.permissions, yaml });
  return EXIT.succeeded;
}
