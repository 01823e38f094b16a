import type { HashRange } from './hash-range.js';
import type { Checkpoint } from './position.js';

/** A shard as ListShards tells of it. */
export interface Shard {
  readonly shardId: string;
  /** None, one (split) or two (merge: parent and adjacent parent). */
  readonly parents: readonly string[];
  readonly hashRange: HashRange;
  /** Takes writes; a closed shard has an ending sequence number. */
  readonly isOpen: boolean;
}

/** A lease to be made. */
export interface NewLease {
  readonly shardId: string;
  /** Parents that must be at their end before this shard begins; only those that have or get a lease. */
  readonly parents: readonly string[];
  readonly hashRange: HashRange;
  readonly checkpoint: Checkpoint;
}

/** What is known of a lease when shards and leases are compared. */
export interface KnownLease {
  readonly shardId: string;
  readonly hasEnded: boolean;
}

/** What {@link planShardSync} compares. */
export interface ShardSyncInput {
  /** Every shard the stream still lists, open and closed. */
  readonly shards: readonly Shard[];
  readonly leases: readonly KnownLease[];
  /** Where a reader begins that was never here before. */
  readonly start: Checkpoint;
  /** Whether one first sync went through to its end; before that, shards without leased ancestors get theirs. */
  readonly isInitialized: boolean;
}

/** Leases to make, parents before children, and leases that are of no more use. */
export interface ShardSyncPlan {
  readonly create: readonly NewLease[];
  readonly remove: readonly string[];
}

/**
 * Compares the stream's shards with the leases.
 *
 * A shard with a leased ancestor always begins at its oldest record, gated on its parents: whatever the starting
 * position says, it belongs to a history that is being read. A shard without one gets a lease in the first sync only;
 * later it can only be older than what is read (its lease ended and was removed, or reading began after it).
 */
export function planShardSync(input: ShardSyncInput): ShardSyncPlan {
  const byId = new Map(input.shards.map((shard) => [shard.shardId, shard]));
  const leased = new Set(input.leases.map((lease) => lease.shardId));
  const create: NewLease[] = [];
  for (const shard of parentsFirst(input.shards, byId)) {
    if (leased.has(shard.shardId)) continue;
    const lease = leaseFor(shard, leased, input);
    if (lease === undefined) continue;
    create.push(lease);
    leased.add(shard.shardId);
  }
  const remove = input.leases
    .filter((lease) => lease.hasEnded && !byId.has(lease.shardId))
    .map((lease) => lease.shardId);
  return { create, remove };
}

/** Parents are visited before their children, so an ancestor's lease is seen through its descendants' own. */
function leaseFor(shard: Shard, leased: ReadonlySet<string>, input: ShardSyncInput): NewLease | undefined {
  const { shardId, hashRange } = shard;
  const parents = shard.parents.filter((parent) => leased.has(parent));
  if (parents.length > 0) return { shardId, hashRange, parents, checkpoint: { kind: 'trim-horizon' } };
  if (input.isInitialized) return undefined;
  // Reading from the oldest record takes closed shards too; from a moment on, what was closed before it has nothing.
  if (input.start.kind !== 'trim-horizon' && !shard.isOpen) return undefined;
  return { shardId, hashRange, parents, checkpoint: input.start };
}

function parentsFirst(shards: readonly Shard[], byId: ReadonlyMap<string, Shard>): readonly Shard[] {
  const ordered: Shard[] = [];
  const seen = new Set<string>();
  const visit = (shard: Shard): void => {
    if (seen.has(shard.shardId)) return;
    seen.add(shard.shardId);
    for (const parent of shard.parents) {
      const known = byId.get(parent);
      if (known !== undefined) visit(known);
    }
    ordered.push(shard);
  };
  for (const shard of shards) visit(shard);
  return ordered;
}

/**
 * Whether a listing can be trusted: shards being split or merged while the pages are read can leave a hole, and a hole
 * taken for the truth is a shard nobody reads. The open shards must cover every hash key.
 */
export function isCompleteListing(shards: readonly Shard[]): boolean {
  const open = shards.filter((shard) => shard.isOpen);
  const ranges = open.map((shard) => shard.hashRange).sort((a, b) => (a.start < b.start ? -1 : 1));
  let next = 0n;
  for (const { start, end } of ranges) {
    if (BigInt(`0x${start}`) > next) return false;
    const after = BigInt(`0x${end}`) + 1n;
    if (after > next) next = after;
  }
  return next === 1n << 128n;
}
