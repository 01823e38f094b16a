import type { BreakerState } from './circuit-breaker.js';
import type { AbortCause, Arrival, HandlingOutcome, LossCause } from './delivery.js';
import type { HandlerSign } from './handler-sign.js';
import type { IntakeRules } from './intake.js';
import type { PrefetchBounds } from './receive-plan.js';

/** What the machine is told at its birth; times are milliseconds. */
export interface MachineRules extends IntakeRules {
  /** What may wait for a slot. */
  readonly prefetch: PrefetchBounds;
  readonly visibilityTimeoutSeconds: number;
  /** A handler that runs longer is asked to end. */
  readonly handlerTimeoutMs: number;
  /** How long a handler may take to end after it was asked, before its message is given up without it. */
  readonly abortGraceMs: number;
  /** How long handlers may run on after a stop before they are asked to end. */
  readonly drainMs: number;
}

/** A message that a receive call brought. */
export interface ArrivedMessage extends Arrival {
  /** What it takes up in memory. @default 0 */
  readonly bytes?: number;
}

/** What happened in the world. */
export type MachineEvent =
  | { readonly kind: 'start' }
  | {
      readonly kind: 'received';
      readonly receive: number;
      readonly requestedAt: number;
      readonly messages: readonly ArrivedMessage[];
    }
  /** The call failed; the next one waits until `retryAt`. */
  | { readonly kind: 'receive-failed'; readonly receive: number; readonly retryAt: number }
  /** The handling of a message has ended, whatever became of it. */
  | {
      readonly kind: 'settled';
      readonly key: number;
      readonly outcome: HandlingOutcome;
      readonly sign: HandlerSign;
    }
  | { readonly kind: 'dead-lettered'; readonly key: number }
  | { readonly kind: 'dead-letter-failed'; readonly key: number; readonly afterSeconds: number }
  | {
      readonly kind: 'renewed';
      readonly key: number;
      readonly requestedAt: number;
      readonly seconds: number;
    }
  /** A renewal that failed for now; it is tried again while the claim lasts. */
  | { readonly kind: 'renewal-failed'; readonly key: number }
  /** A renewal told of a right that is gone for good: SQS refused the handle, or the fence was lost. */
  | { readonly kind: 'refused'; readonly key: number; readonly cause: LossCause }
  /** A delete that failed for now; it is tried again at `retryAt`, while the claim lasts. */
  | { readonly kind: 'delete-failed'; readonly key: number; readonly retryAt: number }
  /** A delete that is pointless: SQS refused the handle, or the claim is over. */
  | { readonly kind: 'delete-refused'; readonly key: number; readonly cause: LossCause }
  /** A delete or release has ended. */
  | { readonly kind: 'finished'; readonly key: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'stop' };

/** One renewal, and the visibility timeout to ask for. */
export interface Renewal {
  readonly key: number;
  readonly seconds: number;
}

/** What the runner is to do, in this order. */
export type Effect =
  | { readonly kind: 'receive'; readonly receive: number; readonly maxMessages: number }
  | { readonly kind: 'start'; readonly key: number }
  | { readonly kind: 'abort'; readonly key: number; readonly cause: AbortCause }
  | { readonly kind: 'renew'; readonly renewals: readonly Renewal[] }
  | { readonly kind: 'delete'; readonly key: number }
  | { readonly kind: 'dead-letter'; readonly key: number }
  /** All in one call, in this order, so that a group becomes visible at one moment. */
  | { readonly kind: 'release'; readonly keys: readonly number[]; readonly afterSeconds: number }
  /** Kept in hand, to be handled again: giving it back would use up its last receive. */
  | { readonly kind: 'parked'; readonly key: number }
  /** Receiving stops, is probed, or goes on. */
  | { readonly kind: 'breaker'; readonly state: BreakerState }
  /** Given back before any handler saw them. */
  | { readonly kind: 'returned'; readonly keys: readonly number[] }
  | { readonly kind: 'lost'; readonly key: number; readonly cause: LossCause }
  /** The handler did not end in time; its message goes on without it. */
  | { readonly kind: 'abandoned'; readonly key: number }
  /** Nothing is left to do for this delivery. */
  | { readonly kind: 'gone'; readonly key: number }
  /** After a stop: no handler runs any more; open polls need not be waited for longer than their grace. */
  | { readonly kind: 'handlers-ended' }
  /** After a stop: nothing is left at all. */
  | { readonly kind: 'quiet' };

/** Figures for `stats()` and for the decision when to flush. */
export interface MachineCounts {
  readonly handling: number;
  readonly buffered: number;
  /** Kept in hand after their handler failed. */
  readonly parked: number;
  /** Handlers that may run at once now. */
  readonly slots: number;
  /** Deletes, releases and dead letters under way. */
  readonly finishing: number;
  readonly receivesOut: number;
}
