/**
 * What every activity of belay has in common: heartbeats by a timer, cancellation, failures by whose fault they are.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { BelayError, failure, type Fault, type Refusal } from '../domain/errors.ts';
import type { ActivityHeartbeat } from '../domain/operation.ts';
import type { Progress } from '../domain/target.ts';
import { redact } from '../process/redact.ts';
import type { ActContext } from '../domain/act.ts';

/** Long acts heartbeat by a timer: extracting a layer reports nothing for minutes. */
const HEARTBEAT_MS = 5_000;
/** Progress is passed on at most this often. */
const PROGRESS_MS = 500;
/** Attempts that the environment gets in any case, however long the site was away before. */
const MIN_ATTEMPTS = 4;

/** The context of one act: {@link ActContext} and the heartbeat's memory across attempts. */
export interface Act<Memory> extends ActContext {
  readonly runId: string;
  readonly workflowId: string;
  readonly attempt: number;
  /** What the last attempt remembered, when there was one. */
  readonly remembered: Memory | undefined;
  /** Keeps `memory` in the heartbeat, for the next attempt after a crash. */
  readonly remember: (memory: Memory) => void;
  /** Says what is waited for without failing (shown beside the attempt). */
  readonly waitingOn: (what: string | undefined) => void;
}

type Beat<Memory> = ActivityHeartbeat & {
  readonly memory?: Memory;
  /** Since when each attempt has failed by the environment's fault (ms since the epoch). */
  readonly failingSinceMs?: number;
};

/**
 * Runs the body of an activity. Heartbeats every 5 s whatever the body does, and turns what it throws into a Temporal
 * failure whose type is the fault. `patienceMs` is how long the environment may keep it waiting over all attempts.
 */
export async function act<Result, Memory = never>(
  patienceMs: number,
  body: (context: Act<Memory>) => Promise<Result>,
): Promise<Result> {
  const info = activityInfo();
  const signal = cancellationSignal();
  const last = (info.heartbeatDetails ?? {}) as Beat<Memory>;
  const { memory, failingSinceMs } = last;
  const startedMs = Date.now();
  let beat: Beat<Memory> = {
    ...(memory !== undefined && { memory }),
    ...(failingSinceMs !== undefined && { failingSinceMs }),
  };
  let beatAt = 0;
  const send = (change: Partial<Beat<Memory>>, always: boolean) => {
    beat = { ...beat, ...change };
    if (!always && Date.now() - beatAt < PROGRESS_MS) return;
    beatAt = Date.now();
    heartbeat(beat);
  };
  // The first heartbeat goes at once: only activities that heartbeat hear of a cancellation.
  send({}, true);
  const timer = setInterval(() => send({}, true), HEARTBEAT_MS);
  const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
  try {
    return await body({
      signal,
      runId,
      workflowId,
      attempt: info.attempt,
      remembered: last.memory,
      progress: (progress: Progress) => send({ progress }, false),
      remember: (memory) => send({ memory }, false),
      waitingOn: (what) => {
        if (beat.waitingOn === what) return;
        const { waitingOn: _, ...rest } = beat;
        beat = rest;
        send(what === undefined ? {} : { waitingOn: what }, true);
      },
    });
  } catch (error) {
    // An attempt that went well for longer than the patience begins it anew.
    const wentWell = Date.now() - startedMs > patienceMs;
    const since = wentWell ? Date.now() : (failingSinceMs ?? startedMs);
    send({ failingSinceMs: since }, true);
    throw toFailure(error, signal, {
      attempt: info.attempt,
      waitedMs: Date.now() - since,
      patienceMs,
    });
  } finally {
    clearInterval(timer);
  }
}

interface Patience {
  readonly attempt: number;
  readonly waitedMs: number;
  readonly patienceMs: number;
}

/** Exported for its table test: error → the failure that Temporal sees. */
export function toFailure(error: unknown, signal: AbortSignal, patience: Patience): Error {
  if (signal.aborted) return stoppedFailure(signal);
  const known = error instanceof BelayError ? error : fileSystemFailure(error);
  if (!known) return unknownFailure(error);
  return knownFailure(known, patience);
}

function knownFailure(error: BelayError, patience: Patience): Error {
  const exhausted =
    error.fault === 'environment' &&
    patience.attempt >= MIN_ATTEMPTS &&
    patience.waitedMs > patience.patienceMs;
  return ApplicationFailure.create({
    message: redact(error.message),
    type: error.fault,
    nonRetryable: error.fault !== 'environment' || exhausted,
    details: [error.refusals.map(redactRefusal)],
  });
}

/** A full or failing disk is the environment's fault, wherever it shows. */
const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']);

function fileSystemFailure(error: unknown): BelayError | undefined {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || !DISK_CODES.has(code)) return undefined;
  return failure(
    'environment',
    'file-system',
    `${path ?? 'A file'} could not be written: ${code}`,
    'Make room on that file system (or repair it); belay tries again by itself',
    error,
  );
}

/** A stopped worker's activity is tried again by the next worker; a cancelled one is over. */
function stoppedFailure(signal: AbortSignal): Error {
  const reason = signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
  if (reason === 'WORKER_SHUTDOWN') {
    return ApplicationFailure.create({
      message: 'the worker was stopped; the next one goes on',
      type: 'environment',
      nonRetryable: false,
      details: [
        [
          {
            code: 'worker-stopped',
            message: 'the worker was stopped in the middle',
            remedy: 'Nothing to do: the next worker goes on',
          } satisfies Refusal,
        ],
      ],
    });
  }
  return new CancelledFailure(reason);
}

function unknownFailure(error: unknown): Error {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const where = error instanceof Error ? (error.stack?.split('\n')[1]?.trim() ?? '') : '';
  const refusal: Refusal = {
    code: 'unexpected',
    message: redact(`An unexpected failure: ${text} ${where}`.trim()),
    remedy: 'Look at the evidence, then `retry`, `rollBack` or `keep`',
  };
  return ApplicationFailure.create({
    message: refusal.message,
    type: 'unknown' satisfies Fault,
    nonRetryable: true,
    details: [[refusal]],
  });
}

function redactRefusal(refusal: Refusal): Refusal {
  return {
    code: refusal.code,
    message: redact(refusal.message),
    remedy: redact(refusal.remedy),
  };
}
