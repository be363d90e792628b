/** Swaps a release and nothing else: a process that can be killed. */
import type { HelmSettings } from '../../src/domain/deployment.ts';
import type { Pins } from '../../src/domain/target.ts';
import { createHelmTarget } from '../../src/targets/helm/index.ts';
import { REPOSITORY } from './tiny-chart.ts';

const [settings = '', pins = '', runId = ''] = process.argv.slice(2);
const target = createHelmTarget(JSON.parse(settings) as HelmSettings, {
  web: { image: REPOSITORY, tag: '{version}' },
});
const context = { signal: new AbortController().signal, progress: () => undefined };
await target.swap({ pins: JSON.parse(pins) as Pins }, runId, context);
