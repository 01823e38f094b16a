import type { HashKey, HashRange } from './hash-range.js';
import type { ShardLimiter } from './shard-limiter.js';

/** A record on its way into the stream. */
export interface LaneRecord {
  /** Number of the put; puts of one key keep this order. */
  readonly sequence: number;
  readonly partitionKey: string;
  readonly hash: HashKey;
  readonly data: Uint8Array;
  /** Bytes it takes in an aggregate, at most; with its key. */
  readonly bytes: number;
  /** Monotonic time of the put. */
  readonly acceptedAt: number;
}

/** Records that travel as one Kinesis record: accepted or refused as a whole. */
export interface Parcel<R extends LaneRecord> {
  /** The shard it was made for. */
  readonly shardId: string;
  readonly records: readonly R[];
  readonly bytes: number;
  /** Times it was sent and failed. */
  readonly attempts: number;
  /** Not to be sent before, monotonic. */
  readonly notBefore: number;
}

/** What decides when a lane sends, and how much. */
export interface LanePolicy {
  /** Parcels of one lane under way at once; 1 keeps the order of keys. */
  readonly maxInFlight: number;
  /** Bytes of records with which a parcel is worth sending at once. */
  readonly parcelBytes: number;
  /** Bytes up to which a parcel grows when more is waiting, so that a slow answer does not slow the lane. */
  readonly maxParcelBytes: number;
  /** Records in one parcel. */
  readonly parcelRecords: number;
  /** How long a record waits for company. */
  readonly lingerMs: number;
}

/**
 * The records of one shard, in the order of their puts. At most `maxInFlight` parcels are out; a parcel that failed goes
 * again before anything newer does.
 */
export class Lane<R extends LaneRecord> {
  readonly shardId: string;
  readonly range: HashRange;
  readonly limiter: ShardLimiter;
  /** Lanes of closed shards with the same keys, whose last parcels must be answered before this one may send. */
  readonly waitingFor = new Set<Lane<R>>();
  readonly inFlight = new Set<Parcel<R>>();
  /** A parcel landed elsewhere: nothing more goes out until the shards were listed again. */
  isSuspect = false;
  private retries: Parcel<R>[] = [];
  private queue: R[] = [];
  private head = 0;
  private queuedBytes = 0;
  private readonly policy: LanePolicy;

  constructor(
    shard: { readonly shardId: string; readonly hashRange: HashRange },
    limiter: ShardLimiter,
    policy: LanePolicy,
  ) {
    this.shardId = shard.shardId;
    this.range = shard.hashRange;
    this.limiter = limiter;
    this.policy = policy;
  }

  get isEmpty(): boolean {
    return this.head === this.queue.length && this.retries.length === 0 && this.inFlight.size === 0;
  }

  add(record: R): void {
    this.queue.push(record);
    this.queuedBytes += record.bytes;
  }

  /** Puts records back in front of everything newer. */
  restore(records: readonly R[]): void {
    const rest = this.queue.slice(this.head);
    this.queue = [...records, ...rest].sort((a, b) => a.sequence - b.sequence);
    this.head = 0;
    for (const record of records) this.queuedBytes += record.bytes;
  }

  /** Sends the same parcel again later, before anything newer. */
  retry(parcel: Parcel<R>): void {
    this.retries.push(parcel);
  }

  /** Takes everything out that is not under way. */
  drain(): readonly R[] {
    const records = [...this.retries.flatMap((parcel) => parcel.records), ...this.queue.slice(this.head)];
    this.retries = [];
    this.forget(this.queue.length);
    return records;
  }

  /** Takes out what was put before `acceptedBefore` and is not under way. */
  expire(acceptedBefore: number): readonly R[] {
    const isOld = (record: R): boolean => record.acceptedAt < acceptedBefore;
    const expired = this.retries.flatMap((parcel) => parcel.records.filter(isOld));
    if (expired.length > 0) {
      this.retries = this.retries
        .map((parcel) => ({ ...parcel, records: parcel.records.filter((record) => !isOld(record)) }))
        .filter((parcel) => parcel.records.length > 0);
    }
    let end = this.head;
    for (let next = this.queue[end]; next !== undefined && isOld(next); next = this.queue[end]) {
      expired.push(next);
      end += 1;
    }
    this.forget(end);
    return expired;
  }

  /** When the next parcel may go: now or earlier means at once, undefined means only an answer or a put can tell. */
  dueAt(now: number, flushUpTo: number): number | undefined {
    if (this.waitingFor.size > 0 || this.isSuspect || this.inFlight.size >= this.policy.maxInFlight)
      return undefined;
    const [retry] = this.retries;
    const oldest = this.queue[this.head];
    if (retry !== undefined) return Math.max(retry.notBefore, this.pacedAt(retry.bytes, now));
    if (oldest === undefined) return undefined;
    const isFull =
      this.queuedBytes >= this.policy.parcelBytes ||
      this.queue.length - this.head >= this.policy.parcelRecords;
    const ripeAt = isFull || oldest.sequence <= flushUpTo ? now : oldest.acceptedAt + this.policy.lingerMs;
    return Math.max(ripeAt, this.pacedAt(Math.min(this.queuedBytes, this.policy.maxParcelBytes), now));
  }

  /** Takes the next parcel; call only when {@link dueAt} says now. */
  take(now: number): Parcel<R> {
    const parcel = this.retries.shift() ?? this.pack(now);
    this.inFlight.add(parcel);
    this.limiter.spend({ bytes: parcel.bytes, records: 1 }, now);
    return parcel;
  }

  private pacedAt(bytes: number, now: number): number {
    return now + this.limiter.waitFor({ bytes, records: 1 }, now);
  }

  private pack(now: number): Parcel<R> {
    const { maxParcelBytes, parcelRecords } = this.policy;
    let [end, bytes] = [this.head, 0];
    for (let next = this.queue[end]; next !== undefined; next = this.queue[end]) {
      const isFirst = end === this.head;
      if (!isFirst && (bytes + next.bytes > maxParcelBytes || end - this.head >= parcelRecords)) break;
      bytes += next.bytes;
      end += 1;
    }
    const records = this.queue.slice(this.head, end);
    this.forget(end);
    return { shardId: this.shardId, records, bytes, attempts: 0, notBefore: now };
  }

  /** Drops the queue's front up to `end`, and gives the memory back once the front is the larger part. */
  private forget(end: number): void {
    for (let at = this.head; at < end; at += 1) this.queuedBytes -= this.queue[at]?.bytes ?? 0;
    this.head = end;
    if (this.head * 2 < this.queue.length) return;
    this.queue = this.queue.slice(this.head);
    this.head = 0;
  }
}
