import { flakyGoodAnswers } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';

/** One HTTP answer: a status and a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * What `GET /api/health` says.
 *
 * @param answeredBefore how many health requests this process has answered.
 */
export function healthAnswer(
  { version, kind }: Behaviour,
  databaseAnswers: boolean,
  answeredBefore: number,
): Answer {
  if (!databaseAnswers) return { status: 503, body: { status: 'database unreachable', version } };
  const broken = kind === 'unhealthy' || (kind === 'flaky' && answeredBefore >= flakyGoodAnswers);
  if (broken) return { status: 503, body: { status: 'unavailable', version } };
  return { status: 200, body: { status: kind === 'degraded' ? 'degraded' : 'ok', version } };
}
