import { expect, test } from 'vitest';
import { keepWorkers } from './keep-workers.ts';
import type { RunningWorkers } from './workers.ts';

const request = {
  connection: { address: 'a:1', namespace: 'n' },
  site: 'local',
  control: true,
  deploymentFolders: [],
  identity: 'test',
};

/** Workers of which the first `failures` fail at once; writes down what is done with them. */
function workers(failures: number, stop: AbortController) {
  const story: string[] = [];
  let started = 0;
  const start = (): Promise<RunningWorkers> => {
    started += 1;
    story.push('start');
    const fails = started <= failures;
    if (!fails) setTimeout(() => stop.abort(), 20);
    return Promise.resolve({
      failed: fails ? Promise.reject(new Error('lost')) : new Promise<never>(() => undefined),
      stop: () => {
        story.push('stop');
        return Promise.resolve();
      },
    });
  };
  return { story, start };
}

test('a worker that fails is ended and started again; a stop drains the last', async () => {
  const stop = new AbortController();
  const { story, start } = workers(1, stop);
  const logged: string[] = [];
  await keepWorkers({
    start,
    request,
    stop: stop.signal,
    ready: () => Promise.resolve(void story.push('ready')),
    away: () => Promise.resolve(void story.push('away')),
    log: (line) => logged.push(line),
  });
  expect(story).toEqual(['start', 'ready', 'stop', 'away', 'start', 'ready', 'stop']);
  expect(logged[0]).toContain('a worker failed: Error: lost');
});

test('workers that never started are an error, not a loop', async () => {
  const keeping = keepWorkers({
    start: () => Promise.reject(new Error('no server')),
    request,
    stop: new AbortController().signal,
    ready: () => Promise.resolve(),
    away: () => Promise.resolve(),
    log: () => undefined,
  });
  await expect(keeping).rejects.toThrow('no server');
});
