/**
 * Ends, or waits for, everything that an earlier attempt left behind: programs and one-off containers.
 */
import type { RecordedChild } from '../../domain/target.ts';
import { settlePrograms } from '../../process/children.ts';
import { ONE_OFF_LABEL } from './cli.ts';
import { removeContainer } from './containers.ts';
import type { Scope } from './scope.ts';

/** `children`: as the claim recorded them; those that it missed carry a mark. */
export async function settleAll(
  scope: Scope,
  children: readonly RecordedChild[],
  signal: AbortSignal,
): Promise<void> {
  await settlePrograms(children, scope.settings.directory, signal);
  await removeOneOffs(scope);
}

/** One-off containers outlive the client that started them; without it nobody hears of their end. */
export async function removeOneOffs(scope: Scope, name?: string): Promise<void> {
  const engine = await scope.engine();
  const project = await scope.projectName();
  const label = name === undefined ? ONE_OFF_LABEL : `${ONE_OFF_LABEL}=${name}`;
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`, label] });
  const left = await engine.ask((docker) => docker.listContainers({ all: true, filters }));
  for (const { Id } of left) {
    await engine.find((docker) => docker.getContainer(Id).stop({ t: 5 })).catch(() => undefined);
    await removeContainer(engine, Id);
  }
}
