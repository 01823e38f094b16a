import { createHash, randomUUID } from 'node:crypto';
import { isMillraceError } from '../../core/errors.js';
import type { Checkpoint } from '../../core/stream/position.js';
import { awsFailureError, classifyAwsError } from '../aws/errors.js';
import { createDynamoLeaseStore } from '../stores/lease-dynamodb.js';
import type { LeaseStore } from '../stores/lease-store.js';
import { createLeaseTableApi } from '../stores/lease-table-api.js';
import { createSystemClock } from '../system/clock.js';
import { createSystemRandom } from '../system/random.js';
import { onShutdownSignal } from '../system/signals.js';
import { createByteBudget, type ByteBudget } from './byte-budget.js';
import { createHashing } from './hashing.js';
import type { KinesisApi } from './kinesis-api.js';
import { LeaseCoordinator } from './lease-coordinator.js';
import { openReaderObservation } from './reader-observation.js';
import { ReaderCounters, type StreamReaderStats } from './reader-counters.js';
import {
  compileStreamReader,
  type CompiledStreamReader,
  type StreamReaderOptions,
} from './reader-options.js';
import { createSdkKinesisApi } from './sdk-kinesis-api.js';
import { ShardConsumer, type ShardConsumerTools } from './shard-consumer.js';
import { ShardSync } from './shard-sync.js';

/** Reads a stream together with its other workers. Made by {@link createStreamReader}. */
export interface StreamReader {
  /**
   * Joins the reader's workers and works until SIGTERM, SIGINT or {@link stop}; resolves when everything is handed back.
   * @throws {ENDPOINT_UNREACHABLE} {ACCESS_DENIED} {RESOURCE_NOT_FOUND} stream or lease table can't be used: see the words
   * @throws {BINDING_MISMATCH} the lease table belongs to another reader
   */
  run(): Promise<void>;
  /** Finishes the batches in hand, stores checkpoints and gives the leases back. Fine before `run` and more than once. */
  stop(): Promise<void>;
  /** Totals since the start, and how far each held shard is behind now. */
  stats(): StreamReaderStats;
  /** Stops it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a reader of a stream: at least once, in the order of each key, parent shards before their children, any number
 * of workers sharing the shards through the reader's lease table.
 *
 * A worker that stops hands its shards over at once; one that dies is replaced after `failoverMs`. With `ctx.commit` the
 * effect of every record happens exactly once, whatever dies when.
 *
 * @example
 * const reader = createStreamReader({
 *   stream: 'Flights', reader: 'delays', record: FlightLanded,
 *   handler: async (flights, ctx) => { await ctx.commit(totalsOf(flights)); },
 * });
 * await reader.run();
 * @throws {INVALID_OPTIONS} with every violation
 * @throws {BINDING_MISSING} {BINDING_INVALID} {BINDING_MISMATCH} the binding is not there, not readable or another record's
 */
export function createStreamReader<T>(options: StreamReaderOptions<T>): StreamReader {
  const compiled = compileStreamReader(options);
  return new SharedStreamReader(compiled);
}

type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'running'; readonly started: Promise<LeaseCoordinator> }
  | { readonly kind: 'stopped' };

/** Part of the failover time that a worker leaves unused, for late timers and the length of a dispatch. */
const MARGIN = 0.1;

class SharedStreamReader<T> implements StreamReader {
  private readonly compiled: CompiledStreamReader<T>;
  private readonly counters = new ReaderCounters();
  private readonly budget: ByteBudget;
  private readonly ended: Promise<void>;
  private markEnded: () => void = () => undefined;
  private state: State = { kind: 'new' };
  private stopping: Promise<void> | undefined;
  private readonly opened: { close(): void }[] = [];

  constructor(compiled: CompiledStreamReader<T>) {
    this.compiled = compiled;
    this.budget = createByteBudget(compiled.prefetchBytes);
    this.ended = new Promise((resolve) => (this.markEnded = resolve));
  }

  async run(): Promise<void> {
    if (this.state.kind === 'new') this.state = { kind: 'running', started: this.start() };
    if (this.state.kind === 'stopped') return this.ended;
    const removeListeners = onShutdownSignal(() => void this.stop());
    void this.ended.then(removeListeners);
    try {
      await this.state.started;
    } catch (error) {
      await this.stop();
      throw this.explained(error);
    }
    return this.ended;
  }

  stop(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  stats(): StreamReaderStats {
    return this.counters.snapshot(this.budget.held);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async drain(): Promise<void> {
    const { state } = this;
    this.state = { kind: 'stopped' };
    if (state.kind === 'running') {
      // A start that failed is told to who called run(); what it had begun is taken back by start() itself.
      const coordinator = await state.started.catch(() => undefined);
      await coordinator?.stop(this.compiled.drainTimeoutMs);
    }
    for (const adapter of this.opened) adapter.close();
    this.markEnded();
  }

  private async start(): Promise<LeaseCoordinator> {
    const coordinator = this.createCoordinator(await this.openTools());
    try {
      await coordinator.start();
      return coordinator;
    } catch (error) {
      await coordinator.stop(0);
      throw error;
    }
  }

  private createCoordinator(tools: Omit<ShardConsumerTools<T>, 'isSafe'>): LeaseCoordinator {
    const { binding, workerName, failoverMs, leasePollMs, shardSyncMs } = this.compiled;
    const { api, store, clock, onEvent } = tools;
    const start = (): Checkpoint =>
      binding.startingPosition === 'LATEST'
        ? { kind: 'since', epochMs: clock.now() }
        : { kind: 'trim-horizon' };
    const coordinator: LeaseCoordinator = new LeaseCoordinator({
      store,
      clock,
      workerId: `${workerName}-${randomUUID()}`,
      reader: binding.name,
      failoverMs,
      marginMs: failoverMs * MARGIN,
      pollMs: leasePollMs,
      shardSyncMs,
      shardSync: new ShardSync({ api, store, clock, start }),
      affinity,
      openWork: (grant) => new ShardConsumer({ ...tools, isSafe: () => coordinator.isSafe }, grant),
      onEvent,
    });
    return coordinator;
  }

  private async openTools(): Promise<Omit<ShardConsumerTools<T>, 'isSafe'>> {
    const { compiled, budget, counters } = this;
    const { record, handler, onPoison, resumeFrom, clock, random } = compiled.given;
    const observation = await openReaderObservation(compiled, () => this.stats());
    this.opened.push(observation);
    return {
      ...compiled,
      onEvent: observation.onEvent,
      observeBatch: observation.observeBatch,
      api: await this.openApi(),
      store: await this.openStore(),
      clock: clock ?? createSystemClock(),
      random: random ?? createSystemRandom(),
      hashing: createHashing(),
      pace: { busyMs: compiled.busyPollMs, idleMs: compiled.idlePollMs },
      budget,
      counters,
      record,
      handler,
      ...(onPoison && { onPoison }),
      ...(resumeFrom && { resumeFrom }),
    };
  }

  private async openApi(): Promise<KinesisApi> {
    const { given, binding } = this.compiled;
    if (given.api !== undefined) return given.api;
    const api = await createSdkKinesisApi(binding, binding.stream.arn, given.kinesis);
    this.opened.push(api);
    return api;
  }

  private async openStore(): Promise<LeaseStore> {
    const { given, binding } = this.compiled;
    if (given.store !== undefined) return given.store;
    const table = await createLeaseTableApi(binding, binding.leaseTable, given.dynamodb);
    this.opened.push(table);
    return createDynamoLeaseStore(table);
  }

  private explained(error: unknown): unknown {
    if (isMillraceError(error)) return error;
    const { binding } = this.compiled;
    const action = `start reader '${binding.name}' (stream ${binding.stream.streamName}, lease table ${binding.leaseTable})`;
    return awsFailureError(classifyAwsError(error), { ...binding, action });
  }
}

/** Rendezvous hashing: every worker prefers other shards, and keeps its preference when workers come and go. */
function affinity(workerId: string, shardId: string): number {
  return createHash('md5').update(`${workerId}/${shardId}`).digest().readUInt32BE(0);
}
