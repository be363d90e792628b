/** Runs the release's migrations, or waits for the application to have run them; and quiesces them before a way back. */
import { acting, type ActInput } from './acting.ts';
import type { ActivityDeps } from './deps.ts';

/** Answers a sentence for the story. Throws `release` when a migration fails or its container gives up. */
export function migrate(deps: ActivityDeps, input: ActInput): Promise<string> {
  const { deployment, plan } = input;
  return acting(deps, input, (target, context) => {
    const trouble = async (): Promise<string | undefined> => {
      const { instances } = await target.look(context);
      return Object.keys(plan.toPins)
        .flatMap((component) => instances[component] ?? [])
        .map(({ name, state, restarts, exitCode }) => {
          if (state === 'exited' || state === 'dead') return `${name} exited (${exitCode ?? '?'})`;
          if (restarts > deployment.health.maxRestarts) {
            return `${name} restarted ${restarts} times`;
          }
          return '';
        })
        .find((text) => text !== '');
    };
    return deps.migrations(deployment, target).run(plan.migrations.wanted, trouble, context);
  });
}

/** Input of {@link quiesceMigration}. */
export interface QuiesceInput extends ActInput {
  /** ISO time since which the database's sessions may be a migration's. */
  readonly since: string;
}

/** What was ended, as sentences; empty when nothing was left running. */
export function quiesceMigration(
  deps: ActivityDeps,
  input: QuiesceInput,
): Promise<readonly string[]> {
  return acting(deps, input, (target, context) =>
    deps.migrations(input.deployment, target).quiesce(input.since, context),
  );
}
