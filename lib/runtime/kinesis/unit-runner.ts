import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Clock, Random } from '../../core/clock.js';
import { MillraceError } from '../../core/errors.js';
import { comparePositions, type Position } from '../../core/stream/position.js';
import type { LeaseGrant, LeaseStore } from '../stores/lease-store.js';
import { sleep } from '../system/sleep.js';
import type { Checkpointer } from './checkpointer.js';
import type { StreamReaderEvent } from './reader-events.js';
import type { Unit } from './record-decoder.js';
import type { BatchContext, CommitOptions, PoisonRecord, StreamRecord } from './stream-record.js';

/** What the user's code does with a batch. */
export type BatchHandler<T> = (records: readonly StreamRecord<T>[], context: BatchContext) => Promise<void>;

/** What the user's code does with a record that can't be read. */
export type PoisonHandler = (poison: PoisonRecord, context: BatchContext) => Promise<void>;

/** A batch a handler is about to be given. */
export interface ObservedBatch {
  readonly shardId: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly records: readonly StreamRecord<unknown>[];
}

/** Runs a handler where it is observed. */
export type ObserveBatch = (batch: ObservedBatch, run: () => Promise<void>) => Promise<void>;

/** What running the units of one shard needs. */
export interface UnitRunnerOptions<T> {
  readonly clock: Clock;
  readonly random: Random;
  readonly grant: LeaseGrant;
  readonly store: LeaseStore;
  readonly checkpointer: Checkpointer;
  readonly handler: BatchHandler<T>;
  readonly observeBatch: ObserveBatch;
  readonly onPoison?: PoisonHandler;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  /** Aborts when the lease is lost or the drain time is over. */
  readonly signal: AbortSignal;
  /** Aborts when no further attempt should begin. */
  readonly stopSignal: AbortSignal;
  /** Waits until the lease is safe to work under; false when it never will be again. */
  readonly whenSafe: () => Promise<boolean>;
  readonly onEvent: (event: StreamReaderEvent) => void;
}

/** Runs units one after another; a unit that fails is run again, and nothing after it before it is done. */
export class UnitRunner<T> {
  private readonly options: UnitRunnerOptions<T>;

  constructor(options: UnitRunnerOptions<T>) {
    this.options = options;
  }

  /** `done` when the unit is handled; `stopped` when it is not and never will be here. */
  async run(unit: Unit<T>): Promise<'done' | 'stopped'> {
    const { checkpointer, clock, stopSignal } = this.options;
    const ticket = checkpointer.open(unit.end);
    const commits = new UnitCommits(this.options, unit.end);
    for (let attempt = 1; !stopSignal.aborted; attempt += 1) {
      if (!(await this.options.whenSafe())) return 'stopped';
      const retryInMs = this.backoff(attempt);
      if (await this.attempt(unit, commits, { attempt, retryInMs })) {
        checkpointer.complete(ticket);
        return 'done';
      }
      await sleep(clock, retryInMs, stopSignal);
    }
    return 'stopped';
  }

  private async attempt(
    unit: Unit<T>,
    commits: UnitCommits,
    { attempt, retryInMs }: { readonly attempt: number; readonly retryInMs: number },
  ): Promise<boolean> {
    const { handler, observeBatch, onPoison, onEvent, grant, signal } = this.options;
    const { shardId, epoch } = grant;
    const context: BatchContext = {
      shardId,
      signal,
      lease: epoch,
      commit: (items, options) => commits.commit(items ?? [], options ?? {}),
    };
    try {
      if (unit.kind === 'batch') {
        const records = commits.restOf(unit.records);
        await observeBatch({ shardId, attempt, records }, () => handler(records, context));
      }
      if (unit.kind === 'poison' && onPoison === undefined) {
        const { position, reason } = unit.poison;
        onEvent({ kind: 'poison-blocked', shardId, position, reason, retryInMs });
        return false;
      }
      if (unit.kind === 'poison') await onPoison?.(unit.poison, context);
      return !signal.aborted || commits.isComplete;
    } catch (error) {
      if (commits.isComplete) {
        onEvent({ kind: 'handler-failed-after-commit', shardId, error });
        return true;
      }
      if (signal.aborted) return false; // it was told to stop, and did
      if (unit.kind === 'poison') {
        const { position, reason } = unit.poison;
        onEvent({ kind: 'poison-blocked', shardId, position, reason, retryInMs, error });
      } else onEvent({ kind: 'handler-failed', shardId, attempt, retryInMs, error });
      return false;
    }
  }

  /** Exponential with full jitter: shards that failed together do not come back together. */
  private backoff(attempt: number): number {
    const { random, retryBaseMs, retryMaxMs } = this.options;
    const ceiling = Math.min(retryMaxMs, retryBaseMs * 2 ** Math.min(30, attempt - 1));
    return ceiling / 2 + (ceiling / 2) * random.next();
  }
}

type CommitTools = Pick<UnitRunnerOptions<unknown>, 'grant' | 'store' | 'checkpointer' | 'signal'>;

/** The commits of one unit: forwards only, and known across attempts. */
class UnitCommits {
  private readonly tools: CommitTools;
  private readonly end: Position;
  private committed: Position | undefined;

  constructor(tools: CommitTools, end: Position) {
    this.tools = tools;
    this.end = end;
  }

  /** Whether nothing of the unit is left to do. */
  get isComplete(): boolean {
    return this.committed !== undefined && comparePositions(this.committed, this.end) >= 0;
  }

  /** What an earlier attempt has not committed yet. */
  restOf<T>(records: readonly StreamRecord<T>[]): readonly StreamRecord<T>[] {
    const { committed } = this;
    if (committed === undefined) return records;
    return records.filter((record) => comparePositions(record.position, committed) > 0);
  }

  async commit(items: readonly TransactWriteItem[], options: CommitOptions): Promise<void> {
    const { grant, store, checkpointer, signal } = this.tools;
    const position = this.positionOf(options);
    if (signal.aborted) throw this.lost();
    const checkpoint = { kind: 'at', position } as const;
    const outcome =
      items.length === 0
        ? await store.checkpoint(grant, checkpoint)
        : await store.commit(grant, checkpoint, items);
    if (outcome === 'lost') throw this.lost();
    this.committed = position;
    checkpointer.noteStored(checkpoint);
  }

  private positionOf({ through }: CommitOptions): Position {
    const position = through ?? this.end;
    const { committed } = this;
    const isForward = committed === undefined || comparePositions(position, committed) > 0;
    if (isForward && comparePositions(position, this.end) <= 0) {
      const { sequenceNumber, subSequence } = position;
      return { sequenceNumber, subSequence };
    }
    const got = `${position.sequenceNumber}.${position.subSequence}`;
    throw new MillraceError(
      'INVALID_OPTIONS',
      `can't commit through ${got}: ${isForward ? 'it is not in this batch' : 'it was committed before, so these items would be written under a position that is already passed'}; ` +
        `commit once per batch, or in steps with rising \`through\` positions of its records`,
    );
  }

  private lost(): MillraceError {
    const { shardId, epoch } = this.tools.grant;
    return new MillraceError(
      'OWNERSHIP_LOST',
      `the lease of ${shardId} (epoch ${epoch}) is no longer this worker's, so nothing was written: return from the handler; the new owner gets these records`,
    );
  }
}
