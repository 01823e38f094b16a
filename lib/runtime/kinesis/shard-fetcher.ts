import { limitOf } from '../../contract/limits.js';
import type { Clock, Random } from '../../core/clock.js';
import { INITIAL_PACE, nextPace, type PacePolicy, type PollOutcome } from '../../core/stream/poll-pace.js';
import { compareSequenceNumbers } from '../../core/stream/position.js';
import type { Shard } from '../../core/stream/shard-graph.js';
import { classifyAwsError } from '../aws/errors.js';
import { sleep } from '../system/sleep.js';
import type { ByteBudget } from './byte-budget.js';
import type { IteratorStart, KinesisApi, KinesisRecord, ShardPage } from './kinesis-api.js';
import type { StreamReaderEvent } from './reader-events.js';

/** What came from a shard, in order. */
export type Fetched =
  | {
      readonly kind: 'page';
      readonly records: readonly KinesisRecord[];
      readonly bytes: number;
      readonly millisBehind: number;
    }
  | { readonly kind: 'shard-end'; readonly children: readonly Shard[] };

/** What reading one shard needs. */
export interface ShardFetcherOptions {
  readonly api: KinesisApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly shardId: string;
  readonly start: IteratorStart;
  readonly pace: PacePolicy;
  /** Shared by all shards of the process. */
  readonly budget: ByteBudget;
  /** Takes what was fetched; the bytes of a page are the receiver's to give back to the budget. */
  readonly onFetched: (fetched: Fetched) => void;
  readonly onEvent: (event: StreamReaderEvent) => void;
}

const MOST_RECORDS = limitOf('kinesis.getRecords.maxRecords');
const READ_BYTES_PER_SECOND = limitOf('kinesis.shard.readBytesPerSecond');
/**
 * Bytes asked for at once, about: a second's worth of a shard. The service would give 10 MB, and then nothing for five
 * seconds; it would also be 10 MB of memory and one long parse.
 */
const PAGE_BYTES = READ_BYTES_PER_SECOND;
/** Asked for before anything is known of the records' size; aggregates can be a megabyte each. */
const FIRST_LIMIT = 100;
/** Reserved for a page nobody knows the size of yet; what comes is counted exactly. */
const FIRST_PAGE_BYTES = 256 * 1_024;
const RECORD_OVERHEAD_BYTES = 256;

/** Answers with an end but no children, after which the end is believed: the shard listing then tells what follows. */
const MOST_CHILDLESS_ENDS = 3;

/** Polls one shard, page after page, until its end or until the signal aborts. */
export class ShardFetcher {
  private readonly options: ShardFetcherOptions;
  private pace = INITIAL_PACE;
  private pageBytes = FIRST_PAGE_BYTES;
  private limit = FIRST_LIMIT;
  private paidMs = 0;
  private start: IteratorStart;
  private iterator: string | undefined;
  private childlessEnds = 0;
  private lastFetched: string | undefined;

  constructor(options: ShardFetcherOptions) {
    this.options = options;
    this.start = options.start;
  }

  /** Resolves when the shard ended or the signal aborted; never rejects, since failures are tried again. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, budget } = this.options;
    while (!signal.aborted) {
      const reserved = this.pageBytes;
      if ((await budget.reserve(reserved, signal)) === 'aborted') return;
      const startedAt = clock.monotonic();
      const fetched = await this.fetch(signal);
      budget.settle(reserved, 0);
      if (fetched.kind === 'shard-end') return;
      const delayMs = this.delayAfter(fetched.outcome) - (clock.monotonic() - startedAt);
      if (delayMs > 0) await sleep(clock, delayMs, signal);
    }
  }

  private async fetch(
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'shard-end' } | { readonly kind: 'polled'; readonly outcome: PollOutcome }> {
    const { api, shardId } = this.options;
    try {
      this.iterator ??= await api.openIterator({ shardId, start: this.start }, signal);
      const page = await api.getRecords({ iterator: this.iterator, limit: this.limit }, signal);
      return this.accept(page)
        ? { kind: 'shard-end' }
        : {
            kind: 'polled',
            outcome: { kind: 'page', records: page.records.length, millisBehind: page.millisBehind },
          };
    } catch (error) {
      return { kind: 'polled', outcome: this.failed(error, signal) };
    }
  }

  /**
   * Takes a page; true at the shard's end. An answer is whole in two shapes only: an iterator and no children, or no
   * iterator and children. Anything else is asked again with the same iterator, so that an early end skips nothing.
   */
  private accept(page: ShardPage): boolean {
    const { budget, onFetched } = this.options;
    const hasEnd = page.nextIterator === undefined;
    if (hasEnd !== page.childShards.length > 0 && this.childlessEnds < MOST_CHILDLESS_ENDS) {
      this.childlessEnds += 1;
      return false;
    }
    this.childlessEnds = 0;
    const records = page.records.filter((record) => this.isNew(record));
    const last = records[records.length - 1];
    if (last !== undefined) {
      this.start = { kind: 'after', sequenceNumber: last.sequenceNumber };
      this.lastFetched = last.sequenceNumber;
      const bytes = records.reduce((sum, { data }) => sum + data.byteLength + RECORD_OVERHEAD_BYTES, 0);
      this.pageBytes = Math.max(FIRST_PAGE_BYTES, bytes);
      this.limit = Math.min(MOST_RECORDS, Math.max(1, Math.ceil((PAGE_BYTES * records.length) / bytes)));
      this.paidMs = (bytes / READ_BYTES_PER_SECOND) * 1_000;
      budget.settle(0, bytes);
      onFetched({ kind: 'page', records, bytes, millisBehind: page.millisBehind });
    }
    this.iterator = page.nextIterator;
    if (hasEnd) onFetched({ kind: 'shard-end', children: page.childShards });
    return hasEnd;
  }

  /** Reading can begin again before what was fetched already; that must not be handed over a second time. */
  private isNew({ sequenceNumber }: KinesisRecord): boolean {
    return this.lastFetched === undefined || compareSequenceNumbers(sequenceNumber, this.lastFetched) > 0;
  }

  private failed(error: unknown, signal: AbortSignal): PollOutcome {
    const { shardId, onEvent } = this.options;
    const { kind, name } = classifyAwsError(error);
    if (signal.aborted) return { kind: 'failed' };
    if (kind === 'throttled') return { kind: 'throttled' };
    this.iterator = undefined;
    if (name === 'ExpiredIteratorException') return { kind: 'page', records: 0, millisBehind: 1 };
    if (
      name === 'InvalidArgumentException' &&
      this.start.kind !== 'trim-horizon' &&
      'sequenceNumber' in this.start
    ) {
      // The position is older than the oldest record there is: read on from what is left, and say so.
      onEvent({ kind: 'position-expired', shardId, sequenceNumber: this.start.sequenceNumber });
      this.start = { kind: 'trim-horizon' };
      return { kind: 'page', records: 0, millisBehind: 1 };
    }
    onEvent({ kind: 'read-failed', shardId, retryInMs: this.options.pace.idleMs, error });
    return { kind: 'failed' };
  }

  private delayAfter(outcome: PollOutcome): number {
    const { random, pace: policy, onEvent, shardId } = this.options;
    const next = nextPace(this.pace, outcome, { policy, chance: random.next() });
    this.pace = next.pace;
    if (outcome.kind === 'throttled') onEvent({ kind: 'read-throttled', shardId, retryInMs: next.delayMs });
    // What was read is paid for in time, since the shard's throughput is refused beyond it anyway.
    const delayMs = Math.max(next.delayMs, this.paidMs);
    this.paidMs = 0;
    return delayMs;
  }
}
