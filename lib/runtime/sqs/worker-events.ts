import type { LossCause } from '../../core/delivery/delivery.js';
import type { HandlerAbortCause } from './holding.js';
import type { PoisonReason } from './inbound.js';

/** Which message an event is about. `type` and `id` are missing where the message could not be read. */
export interface MessageIdentity {
  /** SQS's id of this copy. */
  readonly messageId: string;
  /** How often SQS has handed it out, this time included. */
  readonly receiveCount: number;
  /** Its declared name, where the envelope could be read. */
  readonly type?: string;
  /** The business id. */
  readonly id?: string;
}

/** What a queue worker tells its `onEvent`: data only, never a body. */
export type WorkerEvent =
  | { readonly kind: 'started'; readonly queue: string }
  | { readonly kind: 'received'; readonly count: number; readonly requested: number }
  /** A poll failed; the next one follows in `retryInMs`. */
  | { readonly kind: 'receiveFailed'; readonly error: Error; readonly retryInMs: number }
  | ({
      readonly kind: 'handled';
      readonly durationMs: number;
      /** False when the idempotency store could not be told: a late copy would be handled again. */
      readonly isRecorded: boolean;
    } & MessageIdentity)
  /** A copy of a message that was handled before; deleted without a trace of a second effect. */
  | ({ readonly kind: 'duplicate' } & MessageIdentity)
  /** The idempotency store can't be reached, and `onStoreOutage: 'fail-open'` has the handler run without it. */
  | ({ readonly kind: 'unguarded'; readonly error: unknown } & MessageIdentity)
  /** A copy of it is being handled elsewhere; it comes back in `retryInSeconds`. No failure. */
  | ({ readonly kind: 'inProgress'; readonly retryInSeconds: number } & MessageIdentity)
  | ({
      readonly kind: 'failed';
      readonly error: unknown;
      readonly retryInSeconds: number;
      /** Whether SQS moves it to the dead-letter queue instead of handing it out again. */
      readonly isLastAttempt: boolean;
    } & MessageIdentity)
  | ({
      readonly kind: 'deadLettered';
      readonly reason: PoisonReason;
      readonly detail: string;
    } & MessageIdentity)
  /** A handler failed, and a rule of `errors` drops such messages. */
  | ({ readonly kind: 'dropped'; readonly error: unknown } & MessageIdentity)
  /** Poison that the dead-letter queue did not take; it stays in the queue and comes back. */
  | ({
      readonly kind: 'deadLetterFailed';
      readonly reason: PoisonReason;
      readonly code: string;
      readonly retryInSeconds: number;
    } & MessageIdentity)
  /**
   * SQS did not delete a message that is done: it stays invisible, and the delete is tried again in `retryInMs`, for as long
   * as the message can be held.
   */
  | ({ readonly kind: 'deleteFailed'; readonly code: string; readonly retryInMs: number } & MessageIdentity)
  /** The right to it is gone; it will be handed out again, to this worker or another. */
  | ({ readonly kind: 'lost'; readonly cause: LossCause } & MessageIdentity)
  /** A handler was asked to end; `deadline` is the end of its Lambda invocation. */
  | ({ readonly kind: 'aborted'; readonly cause: HandlerAbortCause } & MessageIdentity)
  /** A handler did not end though it was asked to; it may still be running. */
  | ({ readonly kind: 'abandoned' } & MessageIdentity)
  /** Its visibility timeout was extended by so many seconds, from the request on. */
  | ({ readonly kind: 'extended'; readonly seconds: number } & MessageIdentity)
  /** Received but given back before a handler saw them. */
  | { readonly kind: 'returned'; readonly count: number }
  /** The payload of a handled message could not be deleted from S3; the bucket's lifecycle takes it. */
  | { readonly kind: 'payloadLeft'; readonly code: string }
  /** Its handler failed during an outage, and giving it back would use up its last receive: it is handled again from here. */
  | ({ readonly kind: 'parked' } & MessageIdentity)
  /** Handlers fail so often that nothing is received any more; one message is tried in `retryInMs`. */
  | { readonly kind: 'receivingPaused'; readonly failureShare: number; readonly retryInMs: number }
  /** A handler succeeded again. */
  | { readonly kind: 'receivingResumed' }
  /** ECS won't stop the task for so many minutes, by scaling in or a deployment. */
  | { readonly kind: 'taskProtected'; readonly minutes: number }
  /** It may again: nothing was in hand for a while, or the worker has stopped. */
  | { readonly kind: 'taskUnprotected' }
  /** ECS refused, or its agent did not answer; work goes on without. */
  | { readonly kind: 'taskProtectionFailed'; readonly code: string; readonly retryInMs: number }
  /** The event loop was blocked for `lateMs`: long enough to endanger renewals. */
  | { readonly kind: 'stalled'; readonly lateMs: number }
  | { readonly kind: 'draining'; readonly handling: number }
  | { readonly kind: 'drained'; readonly abandoned: number };

/** Running totals of one worker. */
export interface WorkerStats {
  /** Messages that receives or invocations brought; a copy that comes again counts again. */
  readonly received: number;
  /** Handlers that resolved, their effect recorded where the mode records it. */
  readonly handled: number;
  /** Copies of handled messages, deleted without a handler. */
  readonly duplicates: number;
  /** Handled without idempotency because the store was down and `onStoreOutage` is `fail-open`. */
  readonly unguarded: number;
  /** Copies given back since another worker was at them. */
  readonly inProgress: number;
  /** Handlers that rejected, or a store that was down: the message comes back. */
  readonly failed: number;
  /** Messages the worker itself sent to the dead-letter queue, with the reason. */
  readonly deadLettered: number;
  /** Failed messages a rule of `errors` let go. */
  readonly dropped: number;
  /** Messages whose right was lost while they were held; they come back. */
  readonly lost: number;
  /** Messages given back before a handler saw them. */
  readonly returned: number;
  /** Handlers that did not end though they were asked to. */
  readonly abandoned: number;
  /** Handlers running now. */
  readonly handling: number;
  /** Messages received that wait for a slot now. */
  readonly buffered: number;
  /** Messages kept in hand after their handler failed during an outage. */
  readonly parked: number;
  /** Messages that are done, but whose delete has failed so far. */
  readonly undeleted: number;
  /** Handlers that may run at once now. */
  readonly slots: number;
  /** API calls made, by operation. */
  readonly calls: {
    readonly receive: number;
    readonly delete: number;
    readonly changeVisibility: number;
    readonly send: number;
  };
}
