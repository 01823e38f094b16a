import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { HashRange } from '../../core/stream/hash-range.js';
import type { LeaseView, WorkerView } from '../../core/stream/lease-plan.js';
import type { Checkpoint, Position } from '../../core/stream/position.js';
import type { NewLease } from '../../core/stream/shard-graph.js';

/** A lease as it stands in the store. */
export interface LeaseRecord extends LeaseView {
  readonly hashRange: HashRange;
  readonly checkpoint: Checkpoint;
  /** Of a shard that ended: its last record, where it had any. */
  readonly last?: Position;
}

/** The right to work on a shard, until somebody raises the epoch. */
export interface LeaseGrant {
  readonly shardId: string;
  readonly workerId: string;
  /** Grows with each acquisition of this shard by anybody: a fencing token for stores of one's own. */
  readonly epoch: number;
  /** How far the shard was handled when the lease was taken. */
  readonly checkpoint: Checkpoint;
  readonly hashRange: HashRange;
  readonly parents: readonly string[];
}

/** Everything in the store. */
export interface LeaseTable {
  readonly leases: readonly LeaseRecord[];
  readonly workers: readonly WorkerView[];
  readonly fleet: Fleet;
}

/** What the workers of a reader share. */
export interface Fleet {
  /** Raised when there is something for others to look at: a worker came or left, leases were freed, shards ended. */
  readonly version: number;
  /** Whether one first shard sync went through to its end. */
  readonly isInitialized: boolean;
}

/** How a fenced write ended; `lost` means that another worker holds the lease now, or nobody. */
export type FencedOutcome = 'stored' | 'lost';

/**
 * Where leases and checkpoints live. Every write to a lease names its epoch and fails without it; a checkpoint never
 * moves backwards, whoever writes. Both are checked by the store itself, at the moment of the write.
 */
export interface LeaseStore {
  /** Reads everything, no older than the last write before the call. */
  load(): Promise<LeaseTable>;
  /** The cheap question between loads: has the version moved? */
  fleetVersion(): Promise<number>;
  /**
   * Registers the reader's name on first use.
   * @throws {BINDING_MISMATCH} the table belongs to another reader: give each reader its own table
   */
  claim(reader: string): Promise<void>;
  /** Tells the others that there is something to look at. */
  announce(): Promise<void>;
  /** Notes that a first shard sync is complete. */
  markInitialized(): Promise<void>;
  /** One more heartbeat of this worker. */
  beat(worker: { readonly workerId: string; readonly isDraining: boolean }): Promise<void>;
  /** Takes the worker's item away, provided its heartbeat is still the one seen (any, when it is one's own). */
  bury(worker: { readonly workerId: string; readonly beat?: number }): Promise<void>;
  /** Makes a lease unless it exists. */
  create(lease: NewLease): Promise<void>;
  /** Takes away a lease that has ended. */
  remove(shardId: string): Promise<void>;
  /** Takes a lease as it was seen; undefined when somebody was faster. */
  take(seen: LeaseRecord, workerId: string): Promise<LeaseGrant | undefined>;
  /** Moves the checkpoint on. */
  checkpoint(grant: LeaseGrant, checkpoint: Checkpoint): Promise<FencedOutcome>;
  /** Gives the lease back, with the last checkpoint, in one write. */
  release(grant: LeaseGrant, checkpoint: Checkpoint): Promise<FencedOutcome>;
  /** Stores the end of the shard, with its last record where it had any, and gives the lease back. */
  end(grant: LeaseGrant, last: Position | undefined): Promise<FencedOutcome>;
  /** Reads one lease. */
  read(shardId: string): Promise<LeaseRecord | undefined>;
  /**
   * Writes the items and moves the checkpoint in one transaction: both happen, or neither. An attempt whose answer was
   * lost is found out: when the checkpoint already stands there under this epoch, the items were written.
   */
  commit(
    grant: LeaseGrant,
    checkpoint: Checkpoint,
    items: readonly TransactWriteItem[],
  ): Promise<FencedOutcome>;
}
