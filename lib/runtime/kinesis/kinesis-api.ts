import type { Shard } from '../../core/stream/shard-graph.js';

/** Where reading of a shard begins. */
export type IteratorStart =
  | { readonly kind: 'trim-horizon' }
  | { readonly kind: 'since'; readonly epochMs: number }
  | { readonly kind: 'at'; readonly sequenceNumber: string }
  | { readonly kind: 'after'; readonly sequenceNumber: string };

/** One Kinesis record as read; it may carry many records. */
export interface KinesisRecord {
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly data: Uint8Array;
  /** Epoch milliseconds at which the service took it, about. */
  readonly arrivedAt: number;
}

/** One answer to GetRecords. */
export interface ShardPage {
  readonly records: readonly KinesisRecord[];
  /** Absent at the end of a closed shard. */
  readonly nextIterator?: string;
  readonly millisBehind: number;
  /** Given together with the end: the shards that go on from here. */
  readonly childShards: readonly Shard[];
}

/** One record to put. */
export interface PutEntry {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** What became of one entry of PutRecords. */
export type PutAnswer =
  | { readonly kind: 'landed'; readonly shardId: string; readonly sequenceNumber: string }
  | { readonly kind: 'throttled' }
  | { readonly kind: 'failed'; readonly code: string };

/** The calls to Kinesis that readers and producers make: all that a fake has to do. */
export interface KinesisApi {
  /** Every shard listed, open and closed, all pages. */
  listShards(signal: AbortSignal): Promise<readonly Shard[]>;
  openIterator(
    request: { readonly shardId: string; readonly start: IteratorStart },
    signal: AbortSignal,
  ): Promise<string>;
  getRecords(
    request: { readonly iterator: string; readonly limit: number },
    signal: AbortSignal,
  ): Promise<ShardPage>;
  /** Answers come in the order of the entries. */
  putRecords(entries: readonly PutEntry[], signal: AbortSignal): Promise<readonly PutAnswer[]>;
  /** Closes the sockets this adapter opened; a client that was passed in stays open. */
  close(): void;
}
