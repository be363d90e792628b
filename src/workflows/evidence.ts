/** Evidence is captured before compensation destroys it, but never keeps a deployment down for long. */
import { acting, type Run } from './run.ts';

/** Says so when it could not be captured; never throws. */
export async function captureEvidence(run: Run): Promise<void> {
  const { state } = run;
  const { input, site } = acting(run);
  state.enter('evidence', `capturing evidence: ${state.reasons[0]?.message ?? 'no reason given'}`);
  run.captures += 1;
  const capture = run.captures;
  try {
    const found = await site.collect({ ...input, startedAt: state.startedAt, capture });
    state.evidence = [...state.evidence, ...found];
    state.say(`${found.length} pieces of evidence`);
  } catch {
    state.say('the evidence could not be captured; the logs of the containers may still be there');
  }
}
