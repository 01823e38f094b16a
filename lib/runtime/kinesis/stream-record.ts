import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { RecordEnvelope } from '../../contract/record-envelope.js';
import type { Position } from '../../core/stream/position.js';

/** Where a record stands in the stream; names it for good. */
export interface StreamPosition extends Position {
  /** The shard, e.g. `shardId-000000000003`. */
  readonly shardId: string;
}

/** A record as the handler gets it. */
export interface StreamRecord<T> {
  /** What the schema made of it. */
  readonly data: T;
  /** What is known of it beside its data. */
  readonly envelope: RecordEnvelope;
  /** The key it was put under; records of one key keep their order. */
  readonly partitionKey: string;
  /** Where it stands in the stream: unique, and growing within a shard. */
  readonly position: StreamPosition;
  /** When Kinesis took it, epoch milliseconds, about. */
  readonly arrivedAt: number;
}

/** A record that could not be read, as it came. */
export interface PoisonRecord {
  /** Why: no JSON, no envelope, another record type, a newer schema version, or what the schema found. */
  readonly reason: string;
  /** The record as it came, to be kept for a look. */
  readonly bytes: Uint8Array;
  /** The key it was put under. */
  readonly partitionKey: string;
  /** Where it stands in the stream. */
  readonly position: StreamPosition;
  /** When Kinesis took it, epoch milliseconds, about. */
  readonly arrivedAt: number;
}

/** What `ctx.commit` can be told. */
export interface CommitOptions {
  /**
   * Commits the batch's records up to this one only; commit again for the rest.
   * @default - the last record of the batch
   */
  readonly through?: Position;
}

/** What the handler knows and can do beside the records. */
export interface BatchContext {
  /** The shard all records of the batch are of. */
  readonly shardId: string;
  /** Aborts when the lease is lost or the drain time is over: stop, nothing you write now should count. */
  readonly signal: AbortSignal;
  /** The lease's epoch: grows with each change of owner, so a store of your own can refuse an older one. */
  readonly lease: number;
  /**
   * Writes your items and the reader's position in one DynamoDB transaction, fenced on the lease: effect and position
   * happen together or not at all, so no crash can double or lose the effect. At most 99 items. Without items it stores
   * the position at once.
   * @throws {OWNERSHIP_LOST} another worker has the shard now: nothing was written, return or throw
   * @throws {INVALID_OPTIONS} a position that was committed before or is not of this batch: commit forwards, once
   * @throws the SDK's error when one of your own conditions failed or DynamoDB did
   */
  commit(items?: readonly TransactWriteItem[], options?: CommitOptions): Promise<void>;
}
