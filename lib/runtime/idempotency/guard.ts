import type { Clock, Random } from '../../core/clock.js';
import type { TransactionWrite } from '../aws/dynamo-api.js';
import type { OutboxMessage } from './outbox-message.js';
import type { SqlResult } from './store.js';

/** What a guard knows of the message it protects. */
export interface GuardedMessage {
  /** `<consumer>#<type>#<business id>`. */
  readonly key: string;
  /** SHA-256 of the body. */
  readonly hash: string;
  /** `<consumer>#<queue ARN>#<FIFO group>`: sequence numbers of two queues can't be compared. */
  readonly groupKey: string;
  /** SQS's sequence number, padded so that it compares as text; empty on standard queues. */
  readonly sequence: string;
  readonly receiveCount: number;
  /** Unique per handling: tells a repeated call from a second copy. */
  readonly attempt: string;
}

/** A right that lives beside the visibility timeout and is prolonged with it. */
export interface RenewableFence {
  /** Prolongs the right by `leaseMs` from now; throws `STORE_UNAVAILABLE` when it can't be told. */
  renew(leaseMs: number): Promise<'kept' | 'lost'>;
}

/** What the handler's context can do in a mode; what it can't, throws and says which mode can. */
export interface HandlerEffects {
  /** @see MessageContext.write */
  write(write: TransactionWrite): void;
  /** @see MessageContext.publish */
  publish(message: OutboxMessage): void;
  /** @see MessageContext.sql */
  sql(text: string, values?: readonly unknown[]): Promise<SqlResult>;
}

/** What the worker lends a guard for one handling. */
export interface HandlingScope {
  /** Runs the user's handler. */
  run(effects: HandlerEffects): Promise<void>;
  /** The store can't be reached: the handler is run without it, or has run and can't be recorded. */
  bypass(error: unknown): void;
  /** Whether the message is still ours at this moment. */
  isHeld(): boolean;
  /** How long a lease lasts between two renewals, milliseconds: the visibility timeout. */
  readonly leaseMs: number;
  /** From now on the fence is renewed together with the visibility timeout, both or neither; undefined ends that. */
  keep(fence: RenewableFence | undefined): void;
}

/** What may still have to be recorded of a message that is done. */
export interface Unrecorded {
  /**
   * Called right before the message is deleted, for all that leave together, so that they share writes; calling it again
   * is fine. Never rejects: a store that can't be reached is told through {@link HandlingScope.bypass}, and the delete
   * goes on, since leaving the message would surely repeat what was done.
   * @default - nothing is left to record
   */
  readonly record?: () => Promise<void>;
}

/** How a guarded handling ended. */
export type GuardOutcome =
  /** `isRecorded` false: done, but the store could not be told; a copy of the message would be handled again. */
  | ({ readonly kind: 'handled'; readonly isRecorded: boolean } & Unrecorded)
  | ({ readonly kind: 'duplicate' } & Unrecorded)
  | { readonly kind: 'in-progress'; readonly remainingMs: number }
  /** The same business id came with another body. */
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The store can't be reached: nothing was done. */
  | { readonly kind: 'unavailable'; readonly error: unknown }
  | { readonly kind: 'lost' };

/** What the guards of this package are made of. */
export interface GuardParts {
  readonly clock: Clock;
  readonly random: Random;
  /** How long a record is remembered, seconds: longer than any copy of the message can come late. */
  readonly retentionSeconds: number;
}

/** One idempotency mode. Never rejects for what a handler or a store does: each of that is an outcome. */
export interface IdempotencyGuard {
  handle(message: GuardedMessage, scope: HandlingScope): Promise<GuardOutcome>;
}
