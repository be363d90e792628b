/** A worker that does one swap, in a process of its own so that it can be killed. Arguments: settings, pins, run. */
import type { ComposeSettings } from '../../src/domain/deployment.ts';
import type { Pins } from '../../src/domain/target.ts';
import { createComposeTarget } from '../../src/targets/compose/index.ts';
import { REPOSITORY } from './compose-project.ts';

const [settings = '', pins = '', runId = ''] = process.argv.slice(2);
const target = createComposeTarget(JSON.parse(settings) as ComposeSettings, {
  web: { image: REPOSITORY, tag: '{version}' },
});
const context = { signal: new AbortController().signal, progress: () => undefined };
await target.swap({ pins: JSON.parse(pins) as Pins }, runId, context);
