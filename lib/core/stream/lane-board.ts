import { isInRange, overlaps, type HashKey, type HashRange } from './hash-range.js';
import { Lane, type LanePolicy, type LaneRecord, type Parcel } from './lane.js';
import type { Shard } from './shard-graph.js';
import { createShardLimiter, type LimiterPolicy } from './shard-limiter.js';

/** What became of a parcel that was sent. */
export type ParcelAnswer =
  | { readonly kind: 'landed'; readonly shardId: string; readonly sequenceNumber: string }
  /** The shard is over its limits. */
  | { readonly kind: 'throttled'; readonly retryInMs: number }
  /** It may have been written or not; send it again. */
  | { readonly kind: 'failed'; readonly retryInMs: number }
  /** It will never be taken. */
  | { readonly kind: 'refused' };

/** A parcel whose records are done, well or not. */
export type Settled<R extends LaneRecord> =
  | {
      readonly kind: 'written';
      readonly parcel: Parcel<R>;
      readonly shardId: string;
      readonly sequenceNumber: string;
    }
  | { readonly kind: 'refused'; readonly parcel: Parcel<R> };

/** What a board is made with. */
export interface LaneBoardOptions {
  readonly lanes: LanePolicy;
  readonly limits: LimiterPolicy;
  /** Lanes of new shards wait for the parcels of the shards they came from. */
  readonly keepsOrder: boolean;
}

/** Re-listings after which a lane that keeps landing elsewhere goes on: the listing does not explain it. */
const MOST_UNEXPLAINED_LISTINGS = 5;

interface Landing<R extends LaneRecord> {
  readonly parcel: Parcel<R>;
  readonly shardId: string;
  readonly sequenceNumber: string;
}

/**
 * Routes records into one lane per open shard and keeps the order of every key through failures, splits and merges.
 *
 * | event                                    | what happens                                                              |
 * |------------------------------------------|---------------------------------------------------------------------------|
 * | parcel landed where it was made for      | written                                                                   |
 * | landed elsewhere, all keys belong there  | written; the lane pauses until the shards were listed again               |
 * | landed elsewhere, some keys do not       | not written for any reader: goes back in front of its lane, which pauses  |
 * | landed on a shard that is not known yet  | decided after the listing; the lane pauses                                |
 * | throttled or failed                      | the same parcel goes again before anything newer                          |
 * | listing: the lane's shard is gone        | its records move to the new lanes, which wait for what is still under way |
 *
 * Pure: time is handed in, sending is the caller's.
 */
export class LaneBoard<R extends LaneRecord> {
  private readonly options: LaneBoardOptions;
  private lanes: readonly Lane<R>[] = [];
  /** Lanes whose shard is closed and whose parcels are not all answered. */
  private readonly closing = new Set<Lane<R>>();
  private readonly holders = new Map<Parcel<R>, Lane<R>>();
  private readonly ranges = new Map<string, HashRange>();
  private unrouted: R[] = [];
  private undecided: Landing<R>[] = [];
  private flushUpTo = -1;
  private unexplainedListings = 0;

  constructor(options: LaneBoardOptions) {
    this.options = options;
  }

  /** Whether the shards must be listed (again) before everything can go on. */
  get needsListing(): boolean {
    return this.lanes.length === 0 || this.undecided.length > 0 || this.lanes.some((lane) => lane.isSuspect);
  }

  /** Whether no record is queued or under way. */
  get isQuiet(): boolean {
    return this.unrouted.length === 0 && this.closing.size === 0 && this.lanes.every((lane) => lane.isEmpty);
  }

  /** Accepts a record; records must come in the order of their sequence. */
  add(record: R): void {
    const lane = this.laneOf(record.hash);
    if (lane === undefined) this.unrouted.push(record);
    else lane.add(record);
  }

  /** Lets every record up to this sequence go without waiting for company. */
  flush(upToSequence: number): void {
    this.flushUpTo = Math.max(this.flushUpTo, upToSequence);
  }

  /** Parcels to send now; each must be given back to {@link answer} once. */
  take(now: number): readonly Parcel<R>[] {
    const parcels: Parcel<R>[] = [];
    for (const lane of this.lanes) {
      for (let due = lane.dueAt(now, this.flushUpTo); due !== undefined && due <= now;) {
        const parcel = lane.take(now);
        this.holders.set(parcel, lane);
        parcels.push(parcel);
        due = lane.dueAt(now, this.flushUpTo);
      }
    }
    return parcels;
  }

  /** When {@link take} has something next; undefined when only a put, an answer or a listing changes anything. */
  nextDue(now: number): number | undefined {
    let next: number | undefined;
    for (const lane of this.lanes) {
      const due = lane.dueAt(now, this.flushUpTo);
      if (due !== undefined && (next === undefined || due < next)) next = due;
    }
    return next;
  }

  /** Takes the answer to a parcel; returns what is settled by it. */
  answer(parcel: Parcel<R>, answer: ParcelAnswer, now: number): readonly Settled<R>[] {
    const lane = this.holders.get(parcel);
    if (lane === undefined) return [];
    switch (answer.kind) {
      case 'landed':
        return this.land(lane, { parcel, shardId: answer.shardId, sequenceNumber: answer.sequenceNumber });
      case 'refused':
        this.release(lane, parcel);
        return [{ kind: 'refused', parcel }];
      case 'throttled':
        lane.limiter.throttled(now);
        this.sendAgain(lane, parcel, now + answer.retryInMs);
        return [];
      case 'failed':
        this.sendAgain(lane, parcel, now + answer.retryInMs);
        return [];
    }
  }

  /** Takes out records put before `acceptedBefore` that are not under way; theirs is to fail. */
  expire(acceptedBefore: number): readonly R[] {
    const isOld = (record: R): boolean => record.acceptedAt < acceptedBefore;
    const old = this.unrouted.filter(isOld);
    if (old.length > 0) this.unrouted = this.unrouted.filter((record) => !isOld(record));
    return [...old, ...this.lanes.flatMap((lane) => lane.expire(acceptedBefore))];
  }

  /**
   * Takes the shards as listed, closed ones too (records may have landed on one that is closed by now): opens lanes,
   * closes lanes, moves records; returns what is settled by knowing.
   */
  remap(shards: readonly Shard[], now: number): readonly Settled<R>[] {
    const openShards = shards.filter((shard) => shard.isOpen);
    for (const shard of shards) this.ranges.set(shard.shardId, shard.hashRange);
    const kept = new Map(this.lanes.map((lane) => [lane.shardId, lane]));
    const open = new Set(openShards.map((shard) => shard.shardId));
    const homeless: R[] = this.unrouted;
    this.unrouted = [];
    for (const lane of this.lanes) {
      if (open.has(lane.shardId)) continue;
      homeless.push(...lane.drain());
      if (lane.inFlight.size > 0) this.closing.add(lane);
    }
    this.lanes = openShards
      .map((shard) => kept.get(shard.shardId) ?? this.openLane(shard, now))
      .sort((a, b) => (a.range.start < b.range.start ? -1 : 1));
    this.reroute(homeless);
    this.clearSuspicion();
    return this.decideLandings();
  }

  private openLane(shard: Shard, now: number): Lane<R> {
    const lane = new Lane<R>(shard, createShardLimiter(this.options.limits, now), this.options.lanes);
    if (!this.options.keepsOrder) return lane;
    for (const old of this.closing) if (overlaps(old.range, lane.range)) lane.waitingFor.add(old);
    return lane;
  }

  private land(lane: Lane<R>, landing: Landing<R>): readonly Settled<R>[] {
    const { parcel, shardId, sequenceNumber } = landing;
    const isWhereMeant = shardId === lane.shardId;
    if (!isWhereMeant) lane.isSuspect = true;
    if (isWhereMeant || parcel.records.length === 1) {
      this.release(lane, parcel);
      return [{ kind: 'written', parcel, shardId, sequenceNumber }];
    }
    const range = this.ranges.get(shardId);
    if (range === undefined) {
      this.undecided.push(landing);
      return [];
    }
    if (parcel.records.every((record) => isInRange(record.hash, range))) {
      this.release(lane, parcel);
      return [{ kind: 'written', parcel, shardId, sequenceNumber }];
    }
    this.putBack(lane, parcel);
    return [];
  }

  private decideLandings(): readonly Settled<R>[] {
    const waiting = this.undecided;
    this.undecided = [];
    return waiting.flatMap((landing) => {
      const lane = this.holders.get(landing.parcel);
      return lane === undefined ? [] : this.land(lane, landing);
    });
  }

  private clearSuspicion(): void {
    const suspects = this.lanes.filter((lane) => lane.isSuspect);
    this.unexplainedListings = suspects.length === 0 ? 0 : this.unexplainedListings + 1;
    if (this.unexplainedListings < MOST_UNEXPLAINED_LISTINGS) return;
    this.unexplainedListings = 0;
    for (const lane of suspects) lane.isSuspect = false;
  }

  private sendAgain(lane: Lane<R>, parcel: Parcel<R>, notBefore: number): void {
    if (this.closing.has(lane)) {
      this.putBack(lane, parcel);
      return;
    }
    this.holders.delete(parcel);
    lane.inFlight.delete(parcel);
    lane.retry({ ...parcel, attempts: parcel.attempts + 1, notBefore });
  }

  /** The parcel's records go back in front; those of a closed lane go in front of the lanes that took over its keys. */
  private putBack(lane: Lane<R>, parcel: Parcel<R>): void {
    if (this.closing.has(lane)) this.reroute(parcel.records);
    else lane.restore(parcel.records);
    // Only now, so that the lanes behind it open with these records already in front.
    this.release(lane, parcel);
  }

  private release(lane: Lane<R>, parcel: Parcel<R>): void {
    this.holders.delete(parcel);
    lane.inFlight.delete(parcel);
    if (lane.inFlight.size > 0 || !this.closing.delete(lane)) return;
    for (const other of this.lanes) other.waitingFor.delete(lane);
  }

  private reroute(records: readonly R[]): void {
    const byLane = new Map<Lane<R>, R[]>();
    for (const record of records) {
      const lane = this.laneOf(record.hash);
      if (lane === undefined) {
        this.unrouted.push(record);
        continue;
      }
      const moved = byLane.get(lane);
      if (moved === undefined) byLane.set(lane, [record]);
      else moved.push(record);
    }
    for (const [lane, moved] of byLane) lane.restore(moved);
  }

  /** Lanes are in the order of their ranges, without holes: the last one that starts at or before the hash. */
  private laneOf(hash: HashKey): Lane<R> | undefined {
    let [low, high] = [0, this.lanes.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const lane = this.lanes[middle];
      if (lane !== undefined && lane.range.start <= hash) low = middle;
      else high = middle - 1;
    }
    return this.lanes[low];
  }
}
