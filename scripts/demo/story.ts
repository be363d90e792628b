/**
 * The demo's story, wherever it is played: a good release, a broken one that is taken back, the history.
 */
import { once } from 'node:events';
import type { Ran, RanOptions } from '../stack/site.ts';

const GOOD = '1.3.0';
const BROKEN = '1.3.1';

/** The versions that the story needs. */
export const VERSIONS = ['1.2.2', GOOD, BROKEN] as const;

/** The application, installed and serving, with its belay. */
export interface Scene {
  /** The deployment's name. */
  readonly name: string;
  belay(args: readonly string[], options: RanOptions): Promise<Ran>;
  /** The version that answers; undefined while none does. */
  serving(): Promise<string | undefined>;
  /** Where a visitor may look, by what it is. */
  places(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

/** Where the story is played. */
export interface Stage {
  /** What {@link build} brings up, for a heading. */
  readonly parts: string;
  build(): Promise<void>;
  /** What {@link open} installs, for a heading. */
  readonly scene: string;
  open(): Promise<Scene>;
  /** Takes down what `build` had to start. */
  strike(): Promise<void>;
}

/** Plays it; answers the exit code: 0 when both endings were what they had to be. */
export async function tellStory(stage: Stage, leaveNothing: boolean): Promise<number> {
  const started = Date.now();
  try {
    say(stage.parts);
    await stage.build();
    say(stage.scene);
    const scene = await stage.open();
    try {
      const result = await play(scene, started);
      if (!leaveNothing) await waitForInterrupt(scene);
      return result;
    } finally {
      await scene.stop();
    }
  } finally {
    await stage.strike();
  }
}

async function play(scene: Scene, started: number): Promise<number> {
  const { name } = scene;
  const color = process.stdout.isTTY ? { NO_COLOR: undefined } : {};
  const belay = (...args: string[]): Promise<Ran> => {
    say(`belay ${args.join(' ')}`);
    return scene.belay(args, { show: true, env: color });
  };
  await belay('plan', name, '--to', GOOD);
  const good = await belay('upgrade', name, '--to', GOOD, '--reason', 'the demo');
  const why = 'a release that is broken';
  const bad = await belay('upgrade', name, '--to', BROKEN, '--reason', why);
  await belay('history', name);
  const serving = await scene.serving();
  say(
    `The good release exited ${good.code ?? '?'} (0: succeeded), the broken one ${bad.code ?? '?'} (3: rolled back); ${serving ?? 'nothing'} serves. ${seconds(started)} s in all`,
  );
  return good.code === 0 && bad.code === 3 && serving === GOOD ? 0 : 1;
}

async function waitForInterrupt(scene: Scene): Promise<void> {
  say('Everything goes on running; Ctrl-C tears it down. Where to look:');
  for (const [what, where] of Object.entries(await scene.places())) {
    process.stdout.write(`  ${what.padEnd(17)} ${where}\n`);
  }
  const forever = setInterval(() => undefined, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(forever);
}

function say(text: string): void {
  process.stdout.write(`\n=== ${text}\n`);
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}
