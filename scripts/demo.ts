/**
 * `npm run demo`: the example application upgraded, then upgraded to a broken release and taken back by itself.
 * Leaves everything running until Ctrl-C; with `--once` it tears down and exits.
 */
import { parseArgs } from 'node:util';
import { readDemoArguments } from './demo/arguments.ts';
import type { DemoArguments } from './demo/arguments.ts';
import { composeStage } from './demo/on-compose.ts';
import { helmStage } from './demo/on-helm.ts';
import { tellStory } from './demo/story.ts';

const usage = `usage: npm run demo -- [--once] [--target compose]
       npm run demo -- [--once] --target helm [--kubeconfig FILE [--context NAME] [--registry HOST:PORT]]
  --target      compose (the default): on this machine's Docker; helm: on a cluster
  --once        tears down at the end, instead of waiting for Ctrl-C
  --kubeconfig  a cluster of yours; left out, one of the demo's own is started
  --context     a context of that kubeconfig
  --registry    where that cluster's nodes pull from, when that is not this machine's 127.0.0.1:5000`;

let asked: DemoArguments | undefined;
try {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      target: { type: 'string', default: 'compose' },
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      registry: { type: 'string' },
    },
  });
  asked = readDemoArguments(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 2;
}

if (asked !== undefined) {
  const stage = asked.target === 'helm' ? helmStage(asked) : composeStage();
  process.exitCode = await tellStory(stage, asked.once);
}
