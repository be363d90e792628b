/**
 * What people ask of an open operation: every message is an update (validated at once) and a signal of the same name.
 */
import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import { acceptedMessages, answerMessage, MESSAGE_NAMES } from '../domain/messages.ts';
import type {
  MessageAction,
  MessageAnswer,
  MessageArgs,
  MessageName,
  MessageVerdict,
  Situation,
} from '../domain/messages.ts';
import { signals, statusQuery, updates } from './messages.ts';
import type { RunState } from './state.ts';

/** An accepted message and what it does. */
export interface Received {
  readonly message: MessageName;
  readonly action: MessageAction;
  readonly by: string;
  readonly reason: string;
}

/** The messages of one run. */
export class Inbox {
  /** The message that ends the way forward: `stop`, `unwind` or `reject`. */
  stop: Received | undefined;
  approved: Received | undefined;
  /** What a parked operation was told to do. */
  private verdict: Received | undefined;
  /** Told at once when `stop` is set. */
  onStop: () => void = () => undefined;
  private readonly state: RunState;

  constructor(state: RunState) {
    this.state = state;
  }

  /** Installs the handlers; called first, so that no message can be missed. */
  install(): void {
    const { state } = this;
    state.accepts = () => acceptedMessages(this.situation());
    setHandler(statusQuery, () => state.status());
    for (const name of MESSAGE_NAMES) {
      setHandler(
        updates[name] as (typeof updates)['hold'],
        (args: MessageArgs) => this.accept(this.validated(name, args), name),
        { validator: (args: MessageArgs) => void this.validated(name, args) },
      );
      setHandler(signals[name] as (typeof signals)['hold'], (args: MessageArgs) =>
        this.signalled(name, args),
      );
    }
  }

  /** A cancellation through the Temporal UI or CLI is an abort. */
  cancelled(): void {
    this.signalled('abort', { by: 'cancellation request', reason: 'requested through Temporal' });
  }

  /** Waits for the operator's word on a parked operation. */
  async nextVerdict(): Promise<Received> {
    this.stop = undefined;
    this.clearVerdict();
    await condition(() => this.verdict !== undefined);
    if (!this.verdict) throw ApplicationFailure.nonRetryable('woken without a verdict', 'unknown');
    return this.verdict;
  }

  private clearVerdict(): void {
    this.verdict = undefined;
  }

  private situation(): Situation {
    const { phase, held, swapped, settling, plan } = this.state;
    return { phase, held, swapped, settling, ...(plan && { planDigest: plan.digest }) };
  }

  private signalled(name: MessageName, args: MessageArgs): void {
    const verdict = answerMessage(name, this.situation(), args);
    if ('refused' in verdict) this.state.say(`${name} was ignored: ${verdict.refused}`);
    else this.accept(verdict, name);
  }

  private validated(name: MessageName, args: MessageArgs): Accepted {
    const verdict = answerMessage(name, this.situation(), args);
    if ('refused' in verdict) throw ApplicationFailure.nonRetryable(verdict.refused, 'request');
    return verdict;
  }

  private accept(verdict: Accepted, message: MessageName): MessageAnswer {
    const { by, reason } = verdict.args;
    this.state.say(`${message} by ${by}${reason ? `: ${reason}` : ''}`);
    this.take({ message, action: verdict.action, by, reason });
    this.state.refreshDetails();
    return { accepted: true, next: verdict.next };
  }

  private take(received: Received): void {
    switch (received.action) {
      case 'approve':
        this.approved = received;
        return;
      case 'hold':
      case 'resume':
        this.state.held = received.action === 'hold';
        return;
      case 'keep':
      case 'retry':
      case 'close-parked':
      case 'close-unrecorded':
        this.verdict = received;
        return;
      case 'unwind':
      case 'stop':
      case 'reject':
        this.state.held = false;
        if (this.state.phase === 'parked') this.verdict = received;
        else {
          this.stop = received;
          this.onStop();
        }
    }
  }
}

type Accepted = Extract<MessageVerdict, { readonly accepted: true }>;
