/**
 * The idempotency record of one message for one consumer.
 *
 * | field     | attribute | meaning                                                                               |
 * |-----------|-----------|---------------------------------------------------------------------------------------|
 * | key       | `pk`      | `<consumer>#<message type>#<business id>`                                              |
 * | state     | `st`      | `IN_PROGRESS`, `RELEASED` (failed, free to try) or `COMPLETED`                          |
 * | version   | `ver`     | the fence: raised by every acquisition; whoever holds an older one can change nothing   |
 * | owner     | `own`     | random id of the acquisition: a second lock on the fence, should TTL have reset the count |
 * | leaseUntil| `lease`   | epoch ms until which an `IN_PROGRESS` holder is believed alive                          |
 * | expiresAt | (binding) | epoch seconds after which the record counts as absent; DynamoDB's TTL removes it later   |
 * | hash      | `hash`    | SHA-256 of the body: the same id with another body is no duplicate, it is an error, once one was handled |
 * | outbox    | `box`     | JSON of the messages that are committed and still to be published; absent or empty: none |
 */
export interface IdempotencyRecord {
  /** `RELEASED` is a failed attempt: the next copy may try at once. */
  readonly state: 'IN_PROGRESS' | 'RELEASED' | 'COMPLETED';
  /** The fence: raised by every acquisition. */
  readonly version: number;
  /** Random id of the acquisition. */
  readonly owner: string;
  /** Until when an `IN_PROGRESS` holder is believed alive, epoch milliseconds. */
  readonly leaseUntil: number;
  /** When the record counts as absent, epoch seconds. */
  readonly expiresAt: number;
  /** SHA-256 of the body: the same id with another body is an error. */
  readonly hash: string;
  /** Messages that are committed and still to be published, as JSON; absent or empty: none. */
  readonly outbox?: string;
}

/** What a record means for somebody who comes with a message. */
export type RecordDecision =
  /** Nobody holds it: acquire, on condition that nothing changed. */
  | { readonly kind: 'free' }
  /** The work is done, but for the messages in `outbox`, where there are any. */
  | { readonly kind: 'completed'; readonly outbox?: string }
  /** Somebody works on it. */
  | { readonly kind: 'in-progress'; readonly remainingMs: number }
  /** The same id came with another body. */
  | { readonly kind: 'mismatch' };

/**
 * Clocks of hosts differ a little; a lease is believed this much longer than its holder believes it, so that a fast
 * clock does not start a second handler beside the first.
 */
export const LEASE_SKEW_MS = 2_000;

/** SQS hides no message for longer than 12 hours; a lease that seems to last longer is of a host whose clock was ahead. */
const LONGEST_WAIT_MS = 11 * 3_600_000;

/** Whether a record counts as absent at `now`, epoch ms: judged in whole seconds, as a condition in the database has it. */
export function hasExpired({ expiresAt }: Pick<IdempotencyRecord, 'expiresAt'>, now: number): boolean {
  return expiresAt < Math.floor(now / 1_000);
}

/** Decides what a record (or its absence) means at `now`, epoch ms. */
export function decideOnRecord(
  record: IdempotencyRecord | undefined,
  request: { readonly hash: string; readonly now: number },
): RecordDecision {
  if (record === undefined || hasExpired(record, request.now)) return { kind: 'free' };
  // Nothing was done: whoever comes next may be the same fact, put right.
  if (record.state === 'RELEASED') return { kind: 'free' };
  if (record.hash !== request.hash) return { kind: 'mismatch' };
  if (record.state === 'COMPLETED')
    return record.outbox ? { kind: 'completed', outbox: record.outbox } : { kind: 'completed' };
  const remainingMs = record.leaseUntil + LEASE_SKEW_MS - request.now;
  if (remainingMs <= 0) return { kind: 'free' };
  return { kind: 'in-progress', remainingMs: Math.min(remainingMs, LONGEST_WAIT_MS) };
}
