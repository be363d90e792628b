/**
 * `belay upgrade NAME --to V`: starts the upgrade and watches it to its end.
 */
import { resolve } from 'node:path';
import type { UpgradeRequest } from '../../domain/operation.ts';
import { EXIT } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import { loadNamed } from '../load-named.ts';
import type { EngineOptions } from '../options.ts';
import { acceptOption, checkText, defaultBy, durationOption } from '../options.ts';
import type { Output } from '../output.ts';
import { reportStarted } from '../report-started.ts';
import { withEngine } from '../with-engine.ts';

/** Options of the command. */
export interface UpgradeOptions extends EngineOptions {
  readonly to: string;
  readonly bundle?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly approval?: boolean;
  readonly planDigest?: string;
  readonly now?: boolean;
  readonly soak?: string;
  readonly evenIfUnhealthy?: boolean;
  readonly accept?: readonly string[];
  readonly detach?: boolean;
}

/** Exit code: how the upgrade ended; with `--detach`, 0 once it was started. */
export async function upgrade(
  name: string,
  options: UpgradeOptions,
  output: Output,
): Promise<number> {
  const request = upgradeRequest(name, options);
  await loadNamed(name);
  return withEngine(options, output, async (connected) => {
    const { startUpgrade } = await import('../../client/start.ts');
    const started = await startUpgrade(connected.client, request);
    reportStarted(connected, started, options.detach === true, output);
    if (options.detach) return EXIT.succeeded;
    return follow(connected, { deployment: name, runId: started.runId }, output);
  });
}

/** The workflow's input; paths absolute, because the workflow runs elsewhere. Throws `request` for bad options. */
export function upgradeRequest(name: string, options: UpgradeOptions): UpgradeRequest {
  const { to, bundle, by, reason, planDigest, soak } = options;
  checkText('--to', to);
  checkText('--bundle', bundle);
  checkText('--by', by);
  checkText('--reason', reason);
  checkText('--plan-digest', planDigest);
  return {
    deployment: name,
    to,
    by: by ?? defaultBy(),
    ...(bundle !== undefined && { bundle: resolve(bundle) }),
    ...(reason !== undefined && { reason }),
    ...(options.approval && { approval: true }),
    ...(planDigest !== undefined && { planDigest }),
    ...(options.now && { window: 'now' as const }),
    ...(soak !== undefined && { soak: durationOption('--soak', soak) }),
    ...(options.evenIfUnhealthy && { evenIfUnhealthy: true }),
    ...acceptOption(options.accept),
  };
}
