import { limitOf } from '../../contract/limits.js';
import type { Clock, Random, Timer } from '../../core/clock.js';
import { encodeAggregate, type Digest } from '../../core/stream/aggregation.js';
import type { LaneRecord, Parcel } from '../../core/stream/lane.js';
import type { LaneBoard, ParcelAnswer, Settled } from '../../core/stream/lane-board.js';
import { isCompleteListing } from '../../core/stream/shard-graph.js';
import { classifyAwsError, type AwsFailure } from '../aws/errors.js';
import type { KinesisApi, PutAnswer, PutEntry } from './kinesis-api.js';
import type { StreamProducerEvent } from './producer-options.js';

/** What {@link PutSender} needs. */
export interface PutSenderOptions<R extends LaneRecord> {
  readonly board: LaneBoard<R>;
  readonly api: () => Promise<KinesisApi>;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly ttlMs: number;
  readonly onSettled: (settled: Settled<R>, failure: AwsFailure | undefined) => void;
  /** These were never written: too old, or the stream can't be used at all (`failure`). */
  readonly onExpired: (records: readonly R[], failure: AwsFailure | undefined) => void;
  readonly onEvent: (event: StreamProducerEvent) => void;
  /** Told of each request that leaves. */
  readonly onSent?: (parcels: readonly Parcel<R>[]) => void;
}

const MOST_ENTRIES = limitOf('kinesis.putRecords.maxEntries');
const MOST_BYTES = limitOf('kinesis.putRecords.maxBytes');
const RETRY_BASE_MS = 50;
const RETRY_MOST_MS = 2_000;
const LISTING_RETRY_MS = 250;

/** Does what the board says: sends parcels when they are due, lists shards when it must, and brings back the answers. */
export class PutSender<R extends LaneRecord> {
  requests = 0;
  retries = 0;
  throttles = 0;
  private readonly options: PutSenderOptions<R>;
  private timer: Timer | undefined;
  private timerAt = Number.POSITIVE_INFINITY;
  private isListing = false;
  private listingFailures = 0;
  private lastFailure: AwsFailure | undefined;
  private readonly stopping = new AbortController();

  constructor(options: PutSenderOptions<R>) {
    this.options = options;
  }

  /** Looks at the board again, `delayMs` from now at the latest. */
  wake(delayMs: number): void {
    const { clock } = this.options;
    const at = clock.monotonic() + delayMs;
    if (at >= this.timerAt || this.stopping.signal.aborted) return;
    this.timer?.cancel();
    this.timerAt = at;
    this.timer = clock.schedule(delayMs, () => {
      this.timerAt = Number.POSITIVE_INFINITY;
      this.pump();
    });
  }

  /** Sends nothing any more; call when the board is quiet. */
  stop(): void {
    this.stopping.abort();
    this.timer?.cancel();
  }

  private pump(): void {
    const { board, clock, ttlMs, onExpired } = this.options;
    const now = clock.monotonic();
    const expired = board.expire(now - ttlMs);
    if (expired.length > 0) onExpired(expired, this.lastFailure);
    if (board.isQuiet) return;
    if (board.needsListing) this.list();
    for (const group of groupsOf(board.take(now))) void this.send(group);
    // Even when nothing is due, age must be looked after.
    const due = board.nextDue(now) ?? Number.POSITIVE_INFINITY;
    this.wake(Math.max(0, Math.min(due - now, ttlMs / 4)));
  }

  private async send(parcels: readonly Parcel<R>[]): Promise<void> {
    const { api, digest, onSent } = this.options;
    onSent?.(parcels);
    const entries = parcels.map((parcel) => entryOf(parcel, digest));
    this.requests += 1;
    try {
      const answers = await (await api()).putRecords(entries, this.stopping.signal);
      for (const [index, parcel] of parcels.entries()) this.take(parcel, answers[index]);
    } catch (error) {
      const failure = classifyAwsError(error);
      this.lastFailure = failure;
      this.failAll(parcels, failure);
    }
    this.wake(0);
  }

  private take(parcel: Parcel<R>, answer: PutAnswer | undefined): void {
    if (answer?.kind === 'landed') {
      this.settle(parcel, answer);
      return;
    }
    const retryInMs = this.backoff(parcel);
    const records = parcel.records.length;
    this.retries += 1;
    if (answer?.kind === 'throttled') {
      this.throttles += 1;
      this.options.onEvent({ kind: 'throttled', shardId: parcel.shardId, records });
      this.settle(parcel, { kind: 'throttled', retryInMs });
      return;
    }
    const error = answer?.code ?? 'no answer for this record';
    this.options.onEvent({ kind: 'put-failed', records, retryInMs, error });
    this.settle(parcel, { kind: 'failed', retryInMs });
  }

  private failAll(parcels: readonly Parcel<R>[], failure: AwsFailure): void {
    for (const parcel of parcels) {
      if (failure.kind === 'throttled') this.take(parcel, { kind: 'throttled' });
      else if (failure.isRetryable || failure.kind === 'unknown') {
        const retryInMs = this.backoff(parcel);
        this.retries += 1;
        this.options.onEvent({
          kind: 'put-failed',
          records: parcel.records.length,
          retryInMs,
          error: failure.error,
        });
        this.settle(parcel, { kind: 'failed', retryInMs });
      } else this.settle(parcel, { kind: 'refused' }, failure);
    }
  }

  private settle(parcel: Parcel<R>, answer: ParcelAnswer, failure?: AwsFailure): void {
    const { board, clock, onSettled } = this.options;
    for (const settled of board.answer(parcel, answer, clock.monotonic())) onSettled(settled, failure);
  }

  private backoff(parcel: Parcel<R>): number {
    const ceiling = Math.min(RETRY_MOST_MS, RETRY_BASE_MS * 2 ** Math.min(10, parcel.attempts));
    return ceiling / 2 + (ceiling / 2) * this.options.random.next();
  }

  private list(): void {
    if (this.isListing) return;
    this.isListing = true;
    void this.relist().then((retryInMs) => {
      const { board, clock } = this.options;
      const isAgain = retryInMs > 0 || board.needsListing;
      const delayMs = isAgain ? Math.max(LISTING_RETRY_MS, retryInMs) : 0;
      // The flag falls only after the pause, so that a board that still wants a listing does not ask without end.
      clock.schedule(delayMs, () => {
        this.isListing = false;
        this.wake(0);
      });
      this.wake(0);
    });
  }

  /** 0 when the shards are known now, else the time after which to try again. Never rejects. */
  private async relist(): Promise<number> {
    const { api, board, clock, onEvent, onSettled, onExpired } = this.options;
    try {
      const shards = await (await api()).listShards(this.stopping.signal);
      if (!isCompleteListing(shards)) return LISTING_RETRY_MS;
      const open = shards.filter((shard) => shard.isOpen);
      for (const settled of board.remap(shards, clock.monotonic())) onSettled(settled, undefined);
      this.listingFailures = 0;
      onEvent({ kind: 'shards-listed', open: open.map((shard) => shard.shardId) });
      return 0;
    } catch (error) {
      const failure = classifyAwsError(error);
      this.lastFailure = failure;
      this.listingFailures += 1;
      const retryInMs = Math.min(RETRY_MOST_MS, LISTING_RETRY_MS * 2 ** Math.min(10, this.listingFailures));
      onEvent({ kind: 'listing-failed', retryInMs, error });
      // A stream that is not there or not ours stays so: waiting for every record's time to run out helps nobody.
      if (!failure.isRetryable) onExpired(board.expire(Number.POSITIVE_INFINITY), failure);
      return retryInMs;
    }
  }
}

/** One Kinesis record: the record itself, or an aggregate of several under the first one's key. */
function entryOf<R extends LaneRecord>(parcel: Parcel<R>, digest: Digest): PutEntry {
  const [first, ...more] = parcel.records;
  const partitionKey = first?.partitionKey ?? '';
  const data =
    more.length === 0 ? (first?.data ?? new Uint8Array()) : encodeAggregate(parcel.records, digest);
  return { partitionKey, data };
}

/** Requests within the service's limits, in the order of the parcels. */
function groupsOf<R extends LaneRecord>(parcels: readonly Parcel<R>[]): readonly (readonly Parcel<R>[])[] {
  const groups: Parcel<R>[][] = [];
  let [group, bytes]: [Parcel<R>[], number] = [[], 0];
  for (const parcel of parcels) {
    if (group.length === MOST_ENTRIES || (group.length > 0 && bytes + parcel.bytes > MOST_BYTES)) {
      groups.push(group);
      [group, bytes] = [[], 0];
    }
    group.push(parcel);
    bytes += parcel.bytes;
  }
  return group.length > 0 ? [...groups, group] : groups;
}
