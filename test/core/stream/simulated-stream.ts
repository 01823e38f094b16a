import { isInRange, WHOLE_RANGE, type HashRange } from '../../../lib/core/stream/hash-range.js';
import type { LaneRecord } from '../../../lib/core/stream/lane.js';
import type { Shard } from '../../../lib/core/stream/shard-graph.js';

const hex = (value: bigint): string => value.toString(16).padStart(32, '0');
const value = (hash: string): bigint => BigInt(`0x${hash}`);

interface SimulatedShard extends Shard {
  isOpen: boolean;
  readonly parcels: (readonly LaneRecord[])[];
}

/** A stream that can be split and merged, and that reads as every reader of ours reads: strays void their aggregate. */
export class SimulatedStream {
  readonly shards: SimulatedShard[] = [];

  constructor(count: number) {
    const size = (1n << 128n) / BigInt(count);
    for (let n = 0n; n < BigInt(count); n += 1n) {
      const end = n === BigInt(count) - 1n ? (1n << 128n) - 1n : (n + 1n) * size - 1n;
      this.open([], { start: hex(n * size), end: hex(end) });
    }
  }

  get openShards(): readonly SimulatedShard[] {
    return this.shards
      .filter((shard) => shard.isOpen)
      .sort((a, b) => (a.hashRange.start < b.hashRange.start ? -1 : 1));
  }

  /** Splits the shard that takes this hash key. */
  split(hash: string): void {
    const shard = this.openShards.find(({ hashRange }) => isInRange(hash, hashRange));
    if (shard === undefined) return;
    const { start, end } = shard.hashRange;
    const middle = (value(start) + value(end)) / 2n;
    if (middle === value(start)) return;
    shard.isOpen = false;
    this.open([shard.shardId], { start, end: hex(middle) });
    this.open([shard.shardId], { start: hex(middle + 1n), end });
  }

  /** Merges the shard that takes this hash key with the next one. */
  merge(hash: string): void {
    const open = this.openShards;
    const index = open.findIndex(({ hashRange }) => isInRange(hash, hashRange));
    const [left, right] = [open[index], open[index + 1]];
    if (left === undefined || right === undefined) return;
    left.isOpen = false;
    right.isOpen = false;
    this.open([left.shardId, right.shardId], { start: left.hashRange.start, end: right.hashRange.end });
  }

  /** Takes a parcel under its first record's hash key, as the service does; returns the shard it landed on. */
  write(records: readonly LaneRecord[]): string {
    const hash = records[0]?.hash ?? WHOLE_RANGE.start;
    const shard = this.openShards.find(({ hashRange }) => isInRange(hash, hashRange));
    if (shard === undefined) throw new Error(`no open shard has ${hash}`);
    shard.parcels.push(records);
    return shard.shardId;
  }

  /** Sequences of each key as readers get them: parents first, second copies left out. */
  read(): ReadonlyMap<string, readonly number[]> {
    const byKey = new Map<string, number[]>();
    for (const { parcels, hashRange } of this.shards) {
      for (const parcel of parcels) {
        const isPlain = parcel.length === 1;
        if (!isPlain && parcel.some(({ hash }) => !isInRange(hash, hashRange))) continue;
        for (const { partitionKey, sequence } of parcel) {
          const seen = byKey.get(partitionKey) ?? [];
          if (!seen.includes(sequence)) seen.push(sequence);
          byKey.set(partitionKey, seen);
        }
      }
    }
    return byKey;
  }

  private open(parents: readonly string[], hashRange: HashRange): void {
    const shardId = `shardId-${String(this.shards.length).padStart(12, '0')}`;
    this.shards.push({ shardId, parents, hashRange, isOpen: true, parcels: [] });
  }
}
