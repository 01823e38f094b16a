import type { StreamPosition } from './stream-record.js';

/** What a stream reader tells while it works; for logs, metrics and tests. `shardId` says which shard. */
export type StreamReaderEvent =
  | { readonly kind: 'lease-taken'; readonly shardId: string; readonly epoch: number }
  | { readonly kind: 'lease-released'; readonly shardId: string; readonly epoch: number }
  /** Another worker has it, or this one's heartbeat stood still for too long. */
  | { readonly kind: 'lease-lost'; readonly shardId: string; readonly epoch: number }
  | { readonly kind: 'shard-ended'; readonly shardId: string; readonly children: readonly string[] }
  /** The handler failed; the same records come again after `retryInMs`, and nothing after them before. */
  | {
      readonly kind: 'handler-failed';
      readonly shardId: string;
      readonly attempt: number;
      readonly retryInMs: number;
      readonly error: unknown;
    }
  /** The handler failed after `ctx.commit` had stored effect and position: nothing comes again. */
  | { readonly kind: 'handler-failed-after-commit'; readonly shardId: string; readonly error: unknown }
  /** A record can't be read, and the shard stands before it: give `onPoison`, or mend the record's schema. */
  | {
      readonly kind: 'poison-blocked';
      readonly shardId: string;
      readonly position: StreamPosition;
      readonly reason: string;
      readonly retryInMs: number;
      /** What `onPoison` failed with, where there is one. */
      readonly error?: unknown;
    }
  /** The checkpoint fell out of the stream's retention: records between it and the oldest one are gone unread. */
  | { readonly kind: 'position-expired'; readonly shardId: string; readonly sequenceNumber: string }
  | { readonly kind: 'read-throttled'; readonly shardId: string; readonly retryInMs: number }
  /** A call to Kinesis failed and is tried again. */
  | {
      readonly kind: 'read-failed';
      readonly shardId: string;
      readonly retryInMs: number;
      readonly error: unknown;
    }
  | { readonly kind: 'checkpoint-failed'; readonly shardId: string; readonly error: unknown }
  /** Leases, heartbeat or shard listing failed and are tried again. */
  | { readonly kind: 'coordination-failed'; readonly step: string; readonly error: unknown };
