import { describe, expect, it } from 'vitest';
import { running, good, bad, feed, verdictOf, times } from './judge.fixture.ts';
import type { Look } from './judge.fixture.ts';
import type { Instance } from './target.ts';

describe('the health gate', () => {
  it('passes after as many healthy samples in a row as asked, not before', () => {
    const steps = feed(times(10, good));
    expect(steps.map(({ judgement }) => judgement.verdict)).toEqual([
      'undecided',
      'undecided',
      'healthy',
    ]);
    expect(verdictOf(steps)).toMatchObject({ samples: 3, consecutive: 3, observedMs: 1_000 });
  });

  it('never passes what is healthy twice and then not', () => {
    const judgement = verdictOf(feed([good, good, ...times(400, bad)]));
    expect(judgement.verdict).toBe('unhealthy');
    expect(judgement.reasons).toEqual([
      '2 of 181 samples were healthy within 90 s, but never 3 in a row',
      'last: HTTP 503',
    ]);
    expect(judgement.observedMs).toBe(90_000);
  });

  it('calls mixed answers at the deadline unhealthy', () => {
    const mixed = Array.from({ length: 400 }, (_, at) => (at % 3 === 2 ? bad : good));
    expect(verdictOf(feed(mixed)).verdict).toBe('unhealthy');
  });

  it('takes a slow start', () => {
    const slow = [
      ...times(80, { instance: {}, sample: { answer: { ok: false, why: 'refused' } } }),
    ];
    expect(verdictOf(feed([...slow, ...times(3, good)])).verdict).toBe('healthy');
  });

  it('counts the time of answers that never come', () => {
    const hanging = { sample: { answer: { ok: false, why: 'no answer in 5 s' } as const } };
    const judgement = verdictOf(feed(times(100, hanging), 5_500));
    expect(judgement).toMatchObject({ verdict: 'unhealthy', samples: 18 });
  });

  it.each<[string, Look, string]>([
    ['no container', { sample: { instances: {} } }, 'app has no container'],
    ['created only', { instance: { state: 'created' } }, 'app is created'],
    [
      'restarting',
      { instance: { state: 'restarting', exitCode: 1 } },
      'app is restarting with code 1',
    ],
    ['own check starting', { instance: { health: 'starting' } }, 'still starting'],
    ['own check failing', { instance: { health: 'unhealthy' } }, 'own health check fails'],
    ['no version', { without: 'version' }, 'did not report its version'],
    ['not asked', { without: 'answer' }, 'was not asked'],
  ])('is not healthy with %s, and says so', (_, look, reason) => {
    const steps = feed(times(400, look));
    expect(steps[5]!.judgement).toMatchObject({ verdict: 'undecided', consecutive: 0 });
    expect(steps[5]!.judgement.reasons.join()).toContain(reason);
    expect(verdictOf(steps).verdict).toBe('unhealthy');
    expect(verdictOf(steps).reasons.join()).toContain(reason);
  });

  it('takes a version with a leading v as the same', () => {
    expect(verdictOf(feed(times(3, { sample: { version: 'v1.3.0\n' } }))).verdict).toBe('healthy');
  });

  it('needs every instance of every component', () => {
    const second: Instance = { ...running, id: 'c2', state: 'restarting' };
    const steps = feed(times(4, { sample: { instances: { app: [running, second] } } }));
    expect(verdictOf(steps)).toMatchObject({ verdict: 'undecided', consecutive: 0 });
  });
});

describe('failing fast', () => {
  it('ends at once when another image runs', () => {
    const steps = feed([{ instance: { imageId: 'sha256:old' } }]);
    expect(verdictOf(steps)).toMatchObject({ verdict: 'unhealthy', samples: 1 });
    expect(verdictOf(steps).reasons[0]).toContain('runs image sha256:old, not sha256:new');
  });

  it('ends when a container exited and stays so, not at the first sight', () => {
    const exited: Look = { instance: { state: 'exited', exitCode: 1 }, sample: bad.sample! };
    const steps = feed(times(5, exited));
    expect(steps.map(({ judgement }) => judgement.verdict)).toEqual(['undecided', 'unhealthy']);
    expect(verdictOf(steps).reasons).toEqual(['app (shop-app-1) exited with code 1 and stays so']);
  });

  it('goes on when what exited was started again in between', () => {
    const ended = (startedAt: string): Look => ({
      instance: { state: 'exited', exitCode: 1, startedAt },
    });
    expect(verdictOf(feed([ended('a'), ended('b'), ended('c')])).verdict).toBe('undecided');
  });

  it('ends when a container restarts more often than allowed', () => {
    const looks = [0, 1, 2, 3].map((restarts): Look => ({
      instance: { restarts, exitCode: 1 },
      ...bad,
    }));
    const steps = feed(looks);
    expect(steps.map(({ judgement }) => judgement.verdict)).toEqual([
      'undecided',
      'undecided',
      'undecided',
      'unhealthy',
    ]);
    expect(verdictOf(steps).reasons[0]).toContain(
      'restarted 3 times (at most 2 allowed), last with exit code 1',
    );
  });

  it('does not blame a container for restarts before the gate first saw it', () => {
    expect(verdictOf(feed(times(3, { instance: { restarts: 40 } }))).verdict).toBe('healthy');
  });

  it('ends when good answers keep naming another version', () => {
    const steps = feed(times(10, { sample: { version: '1.2.2' } }));
    expect(steps).toHaveLength(3);
    expect(verdictOf(steps).reasons).toEqual([
      'the application reports version 1.2.2, not 1.3.0',
      '3 answers in a row',
    ]);
  });

  it('forgives another version that is seen once', () => {
    expect(verdictOf(feed([{ sample: { version: '1.2.2' } }, ...times(3, good)])).verdict).toBe(
      'healthy',
    );
  });
});
