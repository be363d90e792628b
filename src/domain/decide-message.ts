/**
 * The table phase × message: what a message does, or why it does nothing.
 */
import type { MessageAction, MessageName, Situation } from './message-names.ts';
import type { Phase } from './operation.ts';

const NEXT: Readonly<Record<MessageAction, string>> = {
  approve: 'goes on with the approved plan',
  reject: 'closes as refused; nothing was changed',
  hold: 'stops before its next phase and waits for resume',
  resume: 'goes on',
  unwind: 'captures evidence, then goes back to the version it came from',
  stop: 'stops and closes as refused; nothing was changed',
  keep: 'settles what runs now, recorded as kept without proof',
  retry: 'tries the step again that it parked on',
  'close-parked': 'closes as parked; the claim stays beside the deployment',
  'close-unrecorded':
    'closes with the ending that is known, without the records that could not be written',
};

/** The table itself, arguments apart: what `message` does in `situation`, or why it does nothing. */
export function decideMessage(
  message: MessageName,
  situation: Situation,
): { readonly action: MessageAction; readonly next: string } | { readonly refused: string } {
  const decided = DECIDE[message](situation, stageOf(situation));
  return 'refused' in decided ? decided : { ...decided, next: NEXT[decided.action] };
}

/** Phases that take the same messages. */
type Stage = 'before' | 'approval' | 'changed' | 'settling' | 'back' | 'parked' | 'closed';

type Decided = { readonly action: MessageAction } | { readonly refused: string };

const STAGE: Readonly<Record<Exclude<Phase, 'approval'>, Stage>> = {
  loading: 'before',
  observing: 'before',
  planning: 'before',
  window: 'before',
  claiming: 'before',
  backup: 'before',
  fetch: 'before',
  swap: 'changed',
  migrate: 'changed',
  judge: 'changed',
  soak: 'changed',
  settle: 'settling',
  evidence: 'back',
  unwind: 'back',
  'judge-old': 'back',
  parked: 'parked',
  closed: 'closed',
};

function stageOf({ phase, swapped }: Situation): Stage {
  if (phase === 'approval') return 'approval';
  const stage = STAGE[phase];
  // Held between fetch and swap the phase may say `swap` already while nothing was changed yet.
  return stage === 'changed' && !swapped ? 'before' : stage;
}

const CLOSED = 'the operation is closed; look with `belay history`';
const KNOWN =
  'how it ended is known and proven, only its records could not be written: send retry when that is mended, or abort to close without them';
const GOING_BACK =
  'the operation is going back already, which nothing interrupts; it ends as rolled back or parks';
const SETTLING =
  'what runs is proven and is being recorded; when that is done, `belay rollback` goes back';

/** Per message: the stages that take it, and for the others why not. */
const DECIDE: Readonly<Record<MessageName, (situation: Situation, stage: Stage) => Decided>> = {
  approve: (_, stage) => approval('approve', stage),
  reject: (_, stage) => approval('reject', stage),
  hold: ({ held }, stage) => {
    if (stage === 'parked') return { refused: 'the operation is parked and waits already' };
    const refused = stoppedBy(stage);
    if (refused) return { refused };
    return held ? { refused: 'the operation is held already' } : { action: 'hold' };
  },
  resume: ({ held }, stage) => {
    if (stage === 'closed') return { refused: CLOSED };
    if (stage === 'parked') {
      return { refused: 'the operation is parked, not held: send retry, rollBack, keep or abort' };
    }
    return held ? { action: 'resume' } : { refused: 'the operation is not held' };
  },
  rollBack: ({ swapped, settling }, stage) => {
    if (stage === 'parked' && settling) return { refused: KNOWN };
    if (stage === 'changed' || (stage === 'parked' && swapped)) return { action: 'unwind' };
    return {
      refused:
        stoppedBy(stage) ?? 'nothing was changed yet, so there is nothing to take back: send abort',
    };
  },
  restore: (_, stage) => ({
    refused:
      stage === 'closed'
        ? CLOSED
        : 'restoring a database is not part of this version of belay: roll back the runtime with rollBack, and restore the backup named in the status by hand',
  }),
  keep: ({ swapped, settling }, stage) => {
    if (stage === 'closed') return { refused: CLOSED };
    if (stage === 'parked' && settling) return { refused: KNOWN };
    if (stage !== 'parked') return { refused: 'only a parked operation can be kept' };
    return swapped
      ? { action: 'keep' }
      : { refused: 'nothing was changed, so there is nothing to keep: send abort' };
  },
  retry: (_, stage) => {
    if (stage === 'closed') return { refused: CLOSED };
    if (stage === 'parked') return { action: 'retry' };
    return {
      refused:
        'only a parked operation is retried; what waits for its environment tries again by itself',
    };
  },
  abort: ({ settling }, stage) => {
    if (stage === 'parked') return { action: settling ? 'close-unrecorded' : 'close-parked' };
    const refused = stoppedBy(stage);
    if (refused) return { refused };
    return { action: stage === 'changed' ? 'unwind' : 'stop' };
  },
};

function approval(action: 'approve' | 'reject', stage: Stage): Decided {
  if (stage === 'approval') return { action };
  return { refused: stage === 'closed' ? CLOSED : 'no plan is waiting for an approval now' };
}

/** Why a stage lets nobody change the course, or undefined when it does. */
function stoppedBy(stage: Stage): string | undefined {
  if (stage === 'closed') return CLOSED;
  if (stage === 'back') return GOING_BACK;
  return stage === 'settling' ? SETTLING : undefined;
}
