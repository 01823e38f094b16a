import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { MillraceError } from '../../core/errors.js';
import type { WorkerView } from '../../core/stream/lease-plan.js';
import { compareCheckpoints, type Checkpoint } from '../../core/stream/position.js';
import type { Fleet, FencedOutcome, LeaseGrant, LeaseRecord, LeaseStore } from './lease-store.js';

/** What {@link createMemoryLeaseStore} can be given. */
export interface MemoryLeaseStoreOptions {
  /**
   * Does the writes of `ctx.commit`, all or none, at the moment the fence holds.
   * @default - the items are dropped: the store has no tables to write to
   */
  readonly onCommit?: (items: readonly TransactWriteItem[]) => void;
}

/** Leases in memory: for tests and for a single process that may begin anew. Same rules as the DynamoDB store. */
export function createMemoryLeaseStore(options: MemoryLeaseStoreOptions = {}): LeaseStore {
  const leases = new Map<string, LeaseRecord>();
  const workers = new Map<string, WorkerView>();
  let fleet: Fleet & { readonly reader?: string } = { version: 0, isInitialized: false };

  /** Every write of a lease goes through here: owner and epoch must be right, and the checkpoint never goes back. */
  const fenced = (
    grant: LeaseGrant,
    checkpoint: Checkpoint,
    change: (lease: LeaseRecord) => LeaseRecord,
  ): FencedOutcome => {
    const lease = leases.get(grant.shardId);
    if (lease?.owner !== grant.workerId || lease.epoch !== grant.epoch) return 'lost';
    const isBack = compareCheckpoints(lease.checkpoint, checkpoint) > 0;
    leases.set(grant.shardId, change(isBack ? lease : withCheckpoint(lease, checkpoint)));
    return 'stored';
  };

  return {
    load: () => Promise.resolve({ leases: [...leases.values()], workers: [...workers.values()], fleet }),
    fleetVersion: () => Promise.resolve(fleet.version),
    claim(reader) {
      if (fleet.reader !== undefined && fleet.reader !== reader) {
        const message = `this lease store belongs to reader '${fleet.reader}', not to '${reader}': give each reader a store of its own`;
        return Promise.reject(new MillraceError('BINDING_MISMATCH', message));
      }
      fleet = { ...fleet, reader, version: fleet.version + 1 };
      return Promise.resolve();
    },
    announce() {
      fleet = { ...fleet, version: fleet.version + 1 };
      return Promise.resolve();
    },
    markInitialized() {
      fleet = { ...fleet, isInitialized: true };
      return Promise.resolve();
    },
    beat({ workerId, isDraining }) {
      workers.set(workerId, { workerId, isDraining, beat: (workers.get(workerId)?.beat ?? 0) + 1 });
      return Promise.resolve();
    },
    bury({ workerId, beat }) {
      if (beat === undefined || workers.get(workerId)?.beat === beat) workers.delete(workerId);
      return Promise.resolve();
    },
    create({ shardId, parents, hashRange, checkpoint }) {
      const lease = { shardId, epoch: 0, parents, hashRange, checkpoint, hasEnded: false, hasBegun: false };
      if (!leases.has(shardId)) leases.set(shardId, lease);
      return Promise.resolve();
    },
    remove(shardId) {
      if (leases.get(shardId)?.hasEnded === true) leases.delete(shardId);
      return Promise.resolve();
    },
    take(seen, workerId) {
      const lease = leases.get(seen.shardId);
      if (lease?.epoch !== seen.epoch || lease.hasEnded) return Promise.resolve(undefined);
      const taken = { ...lease, owner: workerId, epoch: lease.epoch + 1 };
      leases.set(seen.shardId, taken);
      const { shardId, epoch, checkpoint, hashRange, parents } = taken;
      return Promise.resolve({ shardId, workerId, epoch, checkpoint, hashRange, parents });
    },
    checkpoint: (grant, checkpoint) => Promise.resolve(fenced(grant, checkpoint, (lease) => lease)),
    release: (grant, checkpoint) => Promise.resolve(fenced(grant, checkpoint, withoutOwner)),
    end: (grant, last) =>
      Promise.resolve(
        fenced(grant, { kind: 'shard-end' }, (lease) => ({ ...withoutOwner(lease), ...(last && { last }) })),
      ),
    read: (shardId) => Promise.resolve(leases.get(shardId)),
    commit(grant, checkpoint, items) {
      const lease = leases.get(grant.shardId);
      if (lease?.owner !== grant.workerId || lease.epoch !== grant.epoch) return Promise.resolve('lost');
      // Already there under this epoch: the items were written by an attempt whose answer was lost.
      if (compareCheckpoints(lease.checkpoint, checkpoint) >= 0) return Promise.resolve('stored');
      options.onCommit?.(items);
      return Promise.resolve(fenced(grant, checkpoint, (current) => current));
    },
  };
}

function withCheckpoint(lease: LeaseRecord, checkpoint: Checkpoint): LeaseRecord {
  const hasEnded = checkpoint.kind === 'shard-end';
  return { ...lease, checkpoint, hasEnded, hasBegun: lease.hasBegun || checkpoint.kind === 'at' || hasEnded };
}

function withoutOwner({ owner: _owner, ...lease }: LeaseRecord): LeaseRecord {
  return lease;
}
