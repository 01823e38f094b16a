import type { RecordDefinition } from '../../contract/record.js';
import type { Clock, Random } from '../../core/clock.js';
import type { PacePolicy } from '../../core/stream/poll-pace.js';
import { compareCheckpoints, type Checkpoint, type Position } from '../../core/stream/position.js';
import { createRepeatFilter } from '../../core/stream/repeat-filter.js';
import type { Shard } from '../../core/stream/shard-graph.js';
import type { UnpackTools } from '../../core/stream/unpack.js';
import type { LeaseGrant, LeaseStore } from '../stores/lease-store.js';
import { sleep } from '../system/sleep.js';
import type { ByteBudget } from './byte-budget.js';
import { Checkpointer } from './checkpointer.js';
import type { IteratorStart, KinesisApi } from './kinesis-api.js';
import { recallParents } from './parent-recall.js';
import type { ReaderCounters } from './reader-counters.js';
import type { StreamReaderEvent } from './reader-events.js';
import { RecordDecoder, type Unit } from './record-decoder.js';
import { ShardFetcher, type Fetched } from './shard-fetcher.js';
import { UnitRunner, type BatchHandler, type ObserveBatch, type PoisonHandler } from './unit-runner.js';

/** Says where a shard stands in a store of one's own; the later of this and the checkpoint counts. */
export type ResumeFrom = (
  shardId: string,
  context: { readonly signal: AbortSignal; readonly lease: number },
) => Promise<Position | undefined>;

/** What all shard consumers of a reader share. */
export interface ShardConsumerTools<T> {
  readonly api: KinesisApi;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly hashing: UnpackTools;
  readonly budget: ByteBudget;
  readonly counters: ReaderCounters;
  readonly record: RecordDefinition<string, unknown, T>;
  readonly handler: BatchHandler<T>;
  readonly observeBatch: ObserveBatch;
  readonly onPoison?: PoisonHandler;
  readonly resumeFrom?: ResumeFrom;
  readonly batchSize: number;
  readonly checkpointEveryMs: number;
  readonly pace: PacePolicy;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  /** Keys whose last put is remembered, to leave out second copies; 0 lets them through. */
  readonly repeatKeys: number;
  /** Whether the worker's heartbeat covers work that begins now. */
  readonly isSafe: () => boolean;
  readonly onEvent: (event: StreamReaderEvent) => void;
}

/** How the work on a shard ended. */
export type ConsumerEnd =
  | { readonly kind: 'shard-end'; readonly children: readonly Shard[]; readonly last: Position | undefined }
  | { readonly kind: 'drained'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'lost' };

const REPEAT_SAFETY_CHECK_MS = 50;

/** Reads one shard under one grant: fetches ahead, hands over in order, keeps the checkpoint. */
export class ShardConsumer<T> {
  readonly grant: LeaseGrant;
  private readonly tools: ShardConsumerTools<T>;
  /** Ends the reading ahead and the beginning of new work. */
  private readonly stopping = new AbortController();
  /** Ends the work in hand too. */
  private readonly losing = new AbortController();
  private readonly fetched: Fetched[] = [];
  private wakeUp: () => void = () => undefined;

  constructor(tools: ShardConsumerTools<T>, grant: LeaseGrant) {
    this.tools = tools;
    this.grant = grant;
  }

  /** Finishes the batch in hand, then ends. */
  drain(): void {
    this.stopping.abort();
    this.wakeUp();
  }

  /** Ends as soon as the handler returns; it is told through its signal. */
  abandon(): void {
    this.losing.abort();
    this.drain();
  }

  /** Works until the shard's end, a drain or the loss of the lease. */
  async run(): Promise<ConsumerEnd> {
    const { shardId } = this.grant;
    const checkpointer = this.createCheckpointer();
    const from = await this.startingPoint();
    if (from === undefined) return this.endWithout(checkpointer);
    const fetching = this.fetch(from);
    try {
      const children = await this.deliver(checkpointer, from);
      await checkpointer.quiesce();
      if (children === undefined || this.losing.signal.aborted) return this.endWithout(checkpointer);
      const { checkpoint } = checkpointer;
      return {
        kind: 'shard-end',
        children,
        last: checkpoint.kind === 'at' ? checkpoint.position : undefined,
      };
    } finally {
      this.stopping.abort();
      await fetching;
      this.giveBackFetched();
      this.tools.counters.forget(shardId);
    }
  }

  /** Ended before the shard did. */
  private endWithout(checkpointer: Checkpointer): ConsumerEnd {
    if (this.losing.signal.aborted) return { kind: 'lost' };
    return { kind: 'drained', checkpoint: checkpointer.checkpoint };
  }

  /** The user's own store may be further than the checkpoint, or may have to be asked again until it answers. */
  private async startingPoint(): Promise<Checkpoint | undefined> {
    const { resumeFrom, clock, retryMaxMs, onEvent } = this.tools;
    const { shardId, epoch, checkpoint } = this.grant;
    const { signal } = this.losing;
    if (resumeFrom === undefined) return checkpoint;
    for (let attempt = 1; !this.stopping.signal.aborted; attempt += 1) {
      try {
        const position = await resumeFrom(shardId, { signal, lease: epoch });
        if (position === undefined) return checkpoint;
        const own = { kind: 'at', position } as const;
        return compareCheckpoints(own, checkpoint) > 0 ? own : checkpoint;
      } catch (error) {
        const retryInMs = Math.min(retryMaxMs, this.tools.retryBaseMs * 2 ** Math.min(30, attempt));
        onEvent({ kind: 'handler-failed', shardId, attempt, retryInMs, error });
        await sleep(clock, retryInMs, this.stopping.signal);
      }
    }
    return undefined;
  }

  private createCheckpointer(): Checkpointer {
    const { store, clock, checkpointEveryMs, onEvent } = this.tools;
    const { shardId } = this.grant;
    return new Checkpointer({
      clock,
      from: this.grant.checkpoint,
      everyMs: checkpointEveryMs,
      store: (checkpoint) => store.checkpoint(this.grant, checkpoint),
      onLost: () => this.abandon(),
      onError: (error) => onEvent({ kind: 'checkpoint-failed', shardId, error }),
    });
  }

  private fetch(from: Checkpoint): Promise<void> {
    const { api, clock, random, pace, budget, onEvent } = this.tools;
    const fetcher = new ShardFetcher({
      api,
      clock,
      random,
      pace,
      budget,
      shardId: this.grant.shardId,
      start: iteratorStartOf(from),
      onFetched: (fetched) => {
        this.fetched.push(fetched);
        this.wakeUp();
      },
      onEvent,
    });
    return fetcher.run(this.stopping.signal);
  }

  /** Hands over what was fetched, in order; returns the children at the shard's end, undefined when stopped before. */
  private async deliver(checkpointer: Checkpointer, from: Checkpoint): Promise<readonly Shard[] | undefined> {
    const { counters, budget } = this.tools;
    const decoder = await this.createDecoder(from);
    const runner = this.createRunner(checkpointer);
    while (!this.isStopping()) {
      const next = this.fetched.shift();
      if (next === undefined) {
        await new Promise<void>((resolve) => (this.wakeUp = resolve));
        continue;
      }
      if (next.kind === 'shard-end') return next.children;
      counters.lag(this.grant.shardId, next.millisBehind);
      try {
        for await (const unit of decoder.unitsOf(next.records)) {
          if ((await runner.run(unit)) === 'stopped') return undefined;
          countUnit(counters, unit);
          if (this.isStopping()) return undefined;
        }
      } finally {
        budget.give(next.bytes);
      }
    }
    return undefined;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async createDecoder(from: Checkpoint): Promise<RecordDecoder<T>> {
    const { record, hashing, batchSize, repeatKeys, counters, api, store } = this.tools;
    const repeats = repeatKeys > 0 ? createRepeatFilter(repeatKeys) : undefined;
    if (repeats !== undefined && from.kind !== 'at')
      await recallParents(
        { api, store, hashing, parents: this.grant.parents, repeats },
        this.stopping.signal,
      );
    const { shardId, hashRange } = this.grant;
    return new RecordDecoder<T>({
      record,
      shardId,
      hashRange,
      tools: hashing,
      handled: from,
      batchSize,
      onLeftOut: ({ repeats, strays }) => counters.leftOut(repeats, strays),
      ...(repeats && { repeats }),
    });
  }

  private createRunner(checkpointer: Checkpointer): UnitRunner<T> {
    const { clock, random, store, handler, observeBatch, onPoison, retryBaseMs, retryMaxMs, onEvent } =
      this.tools;
    return new UnitRunner<T>({
      clock,
      random,
      store,
      handler,
      observeBatch,
      retryBaseMs,
      retryMaxMs,
      onEvent,
      checkpointer,
      grant: this.grant,
      signal: this.losing.signal,
      stopSignal: this.stopping.signal,
      whenSafe: () => this.whenSafe(),
      ...(onPoison && { onPoison }),
    });
  }

  /** Late heartbeats may still arrive; when the lease is given up, the coordinator abandons this consumer. */
  private async whenSafe(): Promise<boolean> {
    const { isSafe, clock } = this.tools;
    while (!isSafe()) {
      if ((await sleep(clock, REPEAT_SAFETY_CHECK_MS, this.stopping.signal)) === 'aborted') return false;
    }
    return !this.losing.signal.aborted;
  }

  private giveBackFetched(): void {
    for (const left of this.fetched.splice(0)) if (left.kind === 'page') this.tools.budget.give(left.bytes);
  }
}

function iteratorStartOf(checkpoint: Checkpoint): IteratorStart {
  switch (checkpoint.kind) {
    case 'trim-horizon':
    case 'shard-end':
      return { kind: 'trim-horizon' };
    case 'since':
      return checkpoint;
    case 'at':
      // AT and not AFTER: the position may lie inside an aggregate, whose other records would be skipped.
      return { kind: 'at', sequenceNumber: checkpoint.position.sequenceNumber };
  }
}

function countUnit<T>(counters: ReaderCounters, unit: Unit<T>): void {
  if (unit.kind === 'batch') counters.handled(unit.records.length);
  if (unit.kind === 'poison') counters.poisoned();
}
