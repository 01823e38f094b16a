import { Batcher, type Batch, type BatchEntry, type BatchLimits } from '../../core/batch/batcher.js';
import type { Clock, Random, Timer } from '../../core/clock.js';
import { KeyTable } from '../../core/key-table.js';
import { decideBackoffMs, type BackoffCurve } from '../../core/retry/backoff.js';
import type { EntryOutcome } from './batch-outcome.js';
import { classifyAwsError, type AwsFailure } from './errors.js';

/** What became of one item. Never a rejection: each of these is something the caller has to decide on. */
export type BatchResult<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  /** It will never be taken. */
  | { readonly kind: 'refused'; readonly code: string; readonly failure?: AwsFailure }
  /** It was tried as often as allowed. */
  | { readonly kind: 'exhausted'; readonly code: string; readonly failure?: AwsFailure }
  /** It was no longer wanted when its turn came. */
  | { readonly kind: 'stale' };

/** One item to send, and how it may be batched. */
export interface BatchItem<Item> {
  readonly item: Item;
  readonly bytes?: number | undefined;
  /** @see BatchEntry.lane */
  readonly lane?: string | undefined;
  /** @see BatchEntry.partition */
  readonly partition?: number | undefined;
}

/** What a batch runner is made of. */
export interface BatchRunnerOptions<Item, Value> {
  readonly limits: BatchLimits;
  readonly retry: { readonly curve: BackoffCurve; readonly maxAttempts: number };
  readonly clock: Clock;
  readonly random: Random;
  /** Makes one call; answers one outcome per item, in order. */
  readonly call: (items: readonly Item[]) => Promise<readonly EntryOutcome<Value>[]>;
  /** Asked right before an item leaves: no call is made with a right that is gone. */
  readonly isWanted?: (item: Item) => boolean;
}

interface Job<Item, Value> extends BatchItem<Item> {
  readonly settle: (result: BatchResult<Value>) => void;
  attempts: number;
}

/** Performs what a {@link Batcher} decides: makes the calls, retries entries one by one, reports each item's result. */
export class BatchRunner<Item, Value> {
  readonly #options: BatchRunnerOptions<Item, Value>;
  readonly #batcher: Batcher;
  readonly #jobs = new KeyTable<Job<Item, Value>>();
  readonly #idleWaiters: (() => void)[] = [];
  #nextId = 0;
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  #calls = 0;
  #isCancelled = false;

  constructor(options: BatchRunnerOptions<Item, Value>) {
    this.#options = options;
    this.#batcher = new Batcher(options.limits);
  }

  /** Items that have no result yet. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Calls made so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Adds one item and resolves with what became of it. */
  submit(item: BatchItem<Item>): Promise<BatchResult<Value>> {
    return new Promise((settle) => {
      const id = this.#nextId++;
      const now = this.#options.clock.monotonic();
      // Member by member: V8 takes a microsecond and more for a spread that further members follow.
      const { bytes, lane, partition } = item;
      this.#jobs.set(id, { item: item.item, bytes, lane, partition, settle, attempts: 0 });
      this.#batcher.add(entryOf(id, item), now);
      this.#arm(now + this.#waitMs());
    });
  }

  /** Everything submitted so far leaves without waiting for more. */
  flush(): void {
    this.#batcher.flush();
    this.#pump();
  }

  /** Flushes, and resolves once every item has its result. */
  async drain(): Promise<void> {
    while (this.#jobs.size > 0) {
      const idle = new Promise<void>((resolve) => void this.#idleWaiters.push(resolve));
      this.flush();
      await idle;
    }
  }

  /** Gives up whatever has no result yet: it is `stale`. Calls that are out end by themselves; no timer is left behind. */
  cancel(): void {
    this.#isCancelled = true;
    this.#disarm();
    for (const id of this.#jobs.keys()) this.#finish(id, { kind: 'stale' });
  }

  #pump(): void {
    const now = this.#options.clock.monotonic();
    for (const batch of this.#batcher.take(now)) void this.#send(batch);
    const dueAt = this.#batcher.dueAt();
    if (dueAt === undefined) this.#disarm();
    else this.#arm(dueAt);
  }

  /** Never less than to the end of the turn: what is submitted in one leaves in one batch. */
  #waitMs(): number {
    const { isEager, maxEntries, maxAgeMs } = this.#options.limits;
    return isEager || this.#batcher.size >= maxEntries ? 0 : maxAgeMs;
  }

  #arm(at: number): void {
    if (this.#isCancelled || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    const { clock } = this.#options;
    const timer = clock.schedule(Math.max(0, at - clock.monotonic()), () => {
      this.#timer = undefined;
      this.#pump();
    });
    this.#timer = { timer, at };
  }

  #disarm(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  /** Never rejects: every way a call can end is turned into results, so nobody has to own this promise's failure. */
  async #send(batch: Batch): Promise<void> {
    const ids = this.#dropUnwanted(batch);
    const jobs = ids.map((id) => this.#jobs.get(id)).filter((job) => job !== undefined);
    if (jobs.length > 0) await this.#call(ids, jobs);
    this.#batcher.settle(batch);
    this.#pump();
    if (this.#jobs.size === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  async #call(ids: readonly number[], jobs: readonly Job<Item, Value>[]): Promise<void> {
    this.#calls += 1;
    try {
      const outcomes = await this.#options.call(jobs.map(({ item }) => item));
      this.#settleEach(ids, jobs, outcomes);
    } catch (error) {
      const failure = classifyAwsError(error);
      for (const id of ids) this.#retryOrGiveUp(id, failure.name, failure.isRetryable, failure);
    }
  }

  #settleEach(
    ids: readonly number[],
    jobs: readonly Job<Item, Value>[],
    outcomes: readonly EntryOutcome<Value>[],
  ): void {
    const laneDoneAfter = (position: number): boolean =>
      jobs.some(
        ({ lane }, other) =>
          other > position &&
          lane !== undefined &&
          lane === jobs[position]?.lane &&
          outcomes[other]?.kind === 'done',
      );
    ids.forEach((id, position) => {
      const outcome = outcomes[position] ?? { kind: 'failed', code: 'NotAnswered', isSenderFault: false };
      if (outcome.kind === 'done') this.#finish(id, outcome);
      // A later one of its group was taken: sending this one now would put it behind. Its caller is told instead.
      else if (laneDoneAfter(position)) this.#finish(id, { kind: 'refused', code: 'OvertakenInGroup' });
      else this.#retryOrGiveUp(id, outcome.code, !outcome.isSenderFault);
    });
  }

  #retryOrGiveUp(id: number, code: string, isRetryable: boolean, failure?: AwsFailure): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    const { retry, clock, random } = this.#options;
    job.attempts += 1;
    const detail = { code, ...(failure && { failure }) };
    if (!isRetryable) {
      this.#finish(id, { kind: 'refused', ...detail });
    } else if (job.attempts >= retry.maxAttempts) {
      this.#finish(id, { kind: 'exhausted', ...detail });
    } else {
      const now = clock.monotonic();
      this.#batcher.add(
        entryOf(id, job),
        now,
        now + decideBackoffMs(retry.curve, job.attempts, random.next()),
      );
    }
  }

  #dropUnwanted(batch: Batch): readonly number[] {
    const { isWanted } = this.#options;
    const ids = batch.entries.map(({ id }) => id);
    if (isWanted === undefined) return ids;
    return ids.filter((id) => {
      const job = this.#jobs.get(id);
      if (job !== undefined && isWanted(job.item)) return true;
      this.#finish(id, { kind: 'stale' });
      return false;
    });
  }

  #finish(id: number, result: BatchResult<Value>): void {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    job?.settle(result);
  }
}

function entryOf(id: number, { bytes = 0, lane, partition }: BatchItem<unknown>): BatchEntry {
  return { id, bytes, lane, partition };
}
