import type { Random } from '../../core/clock.js';
import type { HashKey, HashRange } from './hash-key.js';
import type { RecordLog } from './record-log.js';
import type { SequenceFrame } from './sequence-number.js';
import type { TokenBucket } from './token-bucket.js';

/** Life of a stream. */
export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
/** How a stream's capacity is set. */
export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';
/** Life of an enhanced fan-out consumer. */
export type ConsumerStatus = 'CREATING' | 'ACTIVE' | 'DELETING';

/** How a shard came to its end. */
export interface ShardClosure {
  readonly at: number;
  readonly endingSequenceNumber: string;
  readonly children: readonly Shard[];
}

/** One shard: its place in the key space and the lineage, its records, and what is left of its throughput. */
export interface Shard {
  readonly id: string;
  readonly number: number;
  readonly range: HashRange;
  /** First 52 bits of the start of the range. */
  readonly startTop: number;
  /** None, the split shard, or the merged shard and its adjacent one. */
  readonly parents: readonly string[];
  readonly generation: number;
  readonly frame: SequenceFrame;
  readonly startingSequenceNumber: string;
  readonly openedAt: number;
  readonly log: RecordLog;
  readonly limits: ShardLimits;
  closure: ShardClosure | undefined;
  /** Write index of the newest record. */
  lastIndex: number;
  /** When this shard may be read again after a read of more than a second's worth. */
  readBlockedUntil: number;
  /** What came in since the window began: on-demand streams split a shard by it. */
  load: { readonly since: number; readonly bytes: number };
}

/** The token buckets of one shard. */
export interface ShardLimits {
  readonly writeBytes: TokenBucket;
  readonly writeRecords: TokenBucket;
  readonly readBytes: TokenBucket;
  readonly readCalls: TokenBucket;
  readonly iteratorCalls: TokenBucket;
}

/** What others may know of a subscription, and do to it. */
export interface Subscription {
  readonly startedAt: number;
  /** `superseded`: another subscriber took the shard over; `orphaned`: the consumer or the stream is gone. */
  phase: 'live' | 'superseded' | 'orphaned' | 'ended';
}

/** An enhanced fan-out consumer. */
export interface Consumer {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  status: ConsumerStatus;
  /** When the status changes next. */
  changesAt: number | undefined;
  /** The newest subscription of each shard, ended or not: the 5-second rule looks at when it began. */
  readonly subscriptions: Map<string, Subscription>;
  readonly subscribeCalls: Map<string, TokenBucket>;
}

/** What a stream turns into when its change is due. */
export type StreamChange =
  | { readonly kind: 'activate' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'split'; readonly shardId: string; readonly at: HashKey }
  | { readonly kind: 'merge'; readonly shardId: string; readonly adjacentId: string }
  | { readonly kind: 'resize'; readonly shardCount: number }
  | { readonly kind: 'encrypt'; readonly keyId: string | undefined };

/** One stream. */
export interface Stream {
  readonly name: string;
  readonly arn: string;
  /** Tells a stream from an earlier one of the same name: iterators of the dead one don't read the new one. */
  readonly id: string;
  readonly createdAt: number;
  /** Every shard still held, in the order they were made. */
  readonly shards: Map<string, Shard>;
  /** Open shards by the start of their range: together they cover the key space, always. */
  open: readonly Shard[];
  status: StreamStatus;
  pending: { readonly at: number; readonly change: StreamChange } | undefined;
  mode: StreamMode;
  distribution: 'USER_PARTITION_KEY' | 'AUTO';
  warmThroughputMiBps: number | undefined;
  retentionHours: number;
  maxRecordKiB: number;
  keyId: string | undefined;
  policy: string | undefined;
  readonly monitoring: Set<string>;
  readonly tags: Map<string, string>;
  readonly consumers: Map<string, Consumer>;
  readonly listShardsCalls: TokenBucket;
  nextShardNumber: number;
  generation: number;
  /** When UpdateShardCount and UpdateStreamMode were used: both have a daily allowance. */
  resizedAt: readonly number[];
  modeChangedAt: readonly number[];
}

/** Everything the emulated account has, and what it was made with. */
export interface KinesisState {
  readonly region: string;
  readonly accountId: string;
  readonly randomId: () => string;
  readonly random: Random;
  /** How long a stream, a resharding or a consumer stays in its in-between status. */
  readonly transitionMs: number;
  readonly areLimitsEnforced: boolean;
  readonly shardLimit: number;
  readonly streams: Map<string, Stream>;
  /** Calls per second of the control plane, by operation. */
  readonly controlCalls: Map<string, TokenBucket>;
  /** When the account committed to On-demand Advantage. */
  advantageSince: number | undefined;
}

/** Milliseconds of an hour. */
export const HOUR_MS = 3_600_000;

/** Records at or before this time are trimmed. */
export const trimHorizonOf = (stream: Stream, now: number): number => now - stream.retentionHours * HOUR_MS;
