import type { IdempotencyRecord } from '../../core/idempotency/record.js';
import type { TransactionWrite } from '../aws/dynamo-api.js';

/** A record beside its key. */
export interface KeyedRecord extends IdempotencyRecord {
  /** `<consumer>#<message type>#<business id>`. */
  readonly key: string;
}

/** What a record must still be for a change to be made. */
export interface SeenRecord extends Pick<IdempotencyRecord, 'state' | 'version' | 'owner'> {
  /** Of the record that is to be changed. */
  readonly key: string;
  /** Left out where the holder itself makes the change, which may have renewed meanwhile. */
  readonly leaseUntil?: number;
}

/**
 * Rows of records in some database: the three atomic steps that every mode is made of. What a record means is decided
 * outside (`decideOnRecord`), so that all databases keep the same rules. A database that can't be reached, or can't say
 * what became of a call, makes them throw `STORE_UNAVAILABLE`. `now` is epoch ms.
 */
export interface RecordRows {
  /** Adds a record, unless its key is taken. It may be forgotten from `expiresAt` on. */
  insert(record: KeyedRecord, now: number): Promise<'inserted' | 'taken'>;
  /** The record as it stands; undefined where there is none. An expired one may still be given. */
  read(key: string): Promise<IdempotencyRecord | undefined>;
  /** Changes a record, on condition that it is still what was seen. */
  replace(seen: SeenRecord, next: Partial<IdempotencyRecord>, now: number): Promise<'replaced' | 'changed'>;
}

/** Rows of high-water marks, for the `sequence` mode. They never expire. */
export interface MarkRows {
  /** The sequence number of the last message of a group that was handled; undefined before the first. */
  markOf(groupKey: string): Promise<string | undefined>;
  /** Moves a mark forward; repeated by the same attempt it is `advanced` again. */
  advance(advance: SequenceAdvance): Promise<'advanced' | 'behind'>;
}

/** The result of a statement, as far as it is looked at. */
export interface SqlResult {
  /** The rows as the driver gives them; empty for statements that return none. */
  readonly rows: readonly unknown[];
}

/** An open transaction of an SQL database, on a connection of its own. */
export interface SqlTransaction {
  /** Runs a statement inside the transaction, with the driver's own placeholders. */
  query(text: string, values?: readonly unknown[]): Promise<SqlResult>;
  /** Makes it last, with messages to be published after it. @throws {TRANSACTION_REFUSED} it was undone @throws {STORE_UNAVAILABLE} nobody knows */
  commit(outbox?: string): Promise<void>;
  /** Undoes it. Never rejects. */
  rollback(): Promise<void>;
}

/** How the inbox row of a message was claimed inside a transaction. */
export type SqlClaim =
  | { readonly kind: 'claimed'; readonly transaction: SqlTransaction }
  | { readonly kind: 'duplicate'; readonly outbox?: string }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'in-progress'; readonly remainingMs: number };

/** Transactions in which the handler's own statements and the inbox row are one. */
export interface SqlTransactions {
  /** Opens a transaction with the inbox row in it; anything but `claimed` leaves none open. */
  claim(entry: InboxEntry): Promise<SqlClaim>;
}

/**
 * Where idempotency records live. DynamoDB is the default (the table of the queue's construct); others are made with
 * `createPostgresStore`, `createRedisStore` and, for tests, `createMemoryStore`.
 */
export interface IdempotencyStore {
  /** For the words of an error. */
  readonly name: string;
  /** What modes `lease`, `record-after` and `transactional` are made of. */
  readonly records: RecordRows;
  /** What mode `sequence` is made of. */
  readonly marks: MarkRows;
  /** What mode `transactional` needs of an SQL database. */
  readonly sql?: SqlTransactions;
  /** What mode `transactional` needs elsewhere: an inbox that takes the handler's writes along. */
  readonly inbox?: InboxStore;
  /** Marks that take the handler's writes along. @default - `marks`, which take none */
  readonly sequence?: SequenceStore;
}

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
  | { readonly kind: 'completed'; readonly outbox?: string }
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
  /** `<consumer>#<message type>#<business id>`. */
  readonly key: string;
  /** SHA-256 of the body. */
  readonly hash: string;
  /** Epoch ms. */
  readonly now: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** Names this very attempt: repeating the call with it does nothing twice. */
  readonly attempt: string;
  /** Messages to be published once this is committed, as `encodeOutbox` writes them. */
  readonly outbox?: string;
}

/** What a look at the inbox shows. */
export type InboxView =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'duplicate'; readonly outbox?: string }
  | { readonly kind: 'mismatch' };

/** How a commit ended. */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** An earlier copy was committed; nothing was written now. What it left in its outbox is still to be published. */
  | { readonly kind: 'duplicate'; readonly outbox?: string }
  /** An earlier copy with another body was committed. */
  | { readonly kind: 'mismatch' }
  /** A worker in another mode holds the record. */
  | { readonly kind: 'in-progress'; readonly remainingMs: number }
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
  look(key: string, hash: string, now: number): Promise<InboxView>;
  /** Writes the row and the handler's writes in one transaction: both, or neither. */
  commit(entry: InboxEntry, writes: readonly TransactionWrite[]): Promise<CommitOutcome>;
}

/** A group's mark moves forward to this message. */
export interface SequenceAdvance {
  /** `<consumer>#<queue ARN>#<group>`. */
  readonly groupKey: string;
  /** SQS's sequence number, padded to one length. */
  readonly sequence: string;
  /** Names this very attempt: repeating the call with it does nothing twice. */
  readonly attempt: string;
  /** The group had no mark when it was looked for: a hint that saves a call, and may be wrong. @default false */
  readonly isFirst?: boolean;
}

/** How moving a mark ended. */
export type AdvanceOutcome =
  | { readonly kind: 'advanced' }
  /** The mark is at this message or beyond: it was handled before, nothing was written now. */
  | { readonly kind: 'behind' }
  /** A condition among the handler's own writes did not hold; nothing was written. */
  | { readonly kind: 'write-refused'; readonly index: number; readonly code: string }
  /** Somebody writes to the same items at this moment; worth another try. */
  | { readonly kind: 'conflict' };

/** High-water marks per FIFO group, for the `sequence` mode. A store that can't be reached throws `STORE_UNAVAILABLE`. */
export interface SequenceStore {
  /** Whether `advance` takes writes along. */
  readonly takesWrites: boolean;
  /** The sequence number of the last message of a group that was handled; undefined before the first. */
  markOf(groupKey: string): Promise<string | undefined>;
  /** Moves the mark and makes the handler's writes in one transaction: both, or neither. */
  advance(advance: SequenceAdvance, writes: readonly TransactionWrite[]): Promise<AdvanceOutcome>;
}
