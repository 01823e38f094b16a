import type { TransactionWrite } from '../aws/dynamo-api.js';

/** The right to change one record: gone as soon as somebody else acquires it. */
export interface Fence {
  readonly key: string;
  readonly version: number;
  readonly owner: string;
}

/** Who wants to work on what. */
export interface AcquireRequest {
  readonly key: string;
  /** SHA-256 of the body. */
  readonly hash: string;
  /** Random id of this attempt. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Epoch ms. */
  readonly now: number;
  /** Epoch seconds after which the record may be forgotten. */
  readonly expiresAt: number;
}

/** How an acquisition ended. */
export type Acquisition =
  | { readonly kind: 'acquired'; readonly fence: Fence }
  | { readonly kind: 'completed' }
  | { readonly kind: 'in-progress'; readonly remainingMs: number }
  | { readonly kind: 'mismatch' };

/**
 * Records with a fence, for the `lease` mode. Every change but the acquisition is conditional on the fence and answers
 * `lost` when it is somebody else's. A store that can't be reached throws `STORE_UNAVAILABLE`.
 */
export interface LeaseStore {
  acquire(request: AcquireRequest): Promise<Acquisition>;
  /** Prolongs the lease to `leaseUntil`, epoch ms. */
  renew(fence: Fence, leaseUntil: number): Promise<'kept' | 'lost'>;
  /** The work is done: later copies are duplicates until the record expires. */
  complete(fence: Fence): Promise<'kept' | 'lost'>;
  /** The work failed: the next copy may try at once. */
  release(fence: Fence): Promise<'kept' | 'lost'>;
}

/** A message whose effect is committed together with its inbox row. */
export interface InboxEntry {
  readonly key: string;
  readonly hash: string;
  /** Epoch ms. */
  readonly now: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** Names this very attempt: repeating the call with it does nothing twice. */
  readonly attempt: string;
}

/** How a commit ended. */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** An earlier copy was committed; nothing was written now. */
  | { readonly kind: 'duplicate' }
  /** An earlier copy with another body was committed. */
  | { readonly kind: 'mismatch' }
  /** A condition among the handler's own writes did not hold; nothing was written. `index` counts the handler's writes. */
  | { readonly kind: 'write-refused'; readonly index: number; readonly code: string }
  /** Somebody writes to the same items at this moment; worth another try. */
  | { readonly kind: 'conflict' };

/**
 * The inbox of the `transactional` mode: the row that says "done" and the handler's writes, all or nothing. A store that
 * can't be reached throws `STORE_UNAVAILABLE`.
 */
export interface InboxStore {
  /** A cheap look before the handler runs; `unknown` promises nothing. */
  look(key: string, hash: string, now: number): Promise<'unknown' | 'duplicate' | 'mismatch'>;
  commit(entry: InboxEntry, writes: readonly TransactionWrite[]): Promise<CommitOutcome>;
}

/** A group's mark moves forward to this message. */
export interface SequenceAdvance {
  readonly groupKey: string;
  /** SQS's sequence number, padded to one length. */
  readonly sequence: string;
  /** Names this very attempt: repeating the call with it does nothing twice. */
  readonly attempt: string;
}

/** How moving a mark ended. */
export type AdvanceOutcome =
  | { readonly kind: 'advanced' }
  /** The mark is at this message or beyond: it was handled before, nothing was written now. */
  | { readonly kind: 'behind' }
  /** A condition among the handler's own writes did not hold; nothing was written. */
  | { readonly kind: 'write-refused'; readonly index: number; readonly code: string };

/** High-water marks per FIFO group, for the `sequence` mode. A store that can't be reached throws `STORE_UNAVAILABLE`. */
export interface SequenceStore {
  markOf(groupKey: string): Promise<string | undefined>;
  advance(advance: SequenceAdvance, writes: readonly TransactionWrite[]): Promise<AdvanceOutcome>;
}
