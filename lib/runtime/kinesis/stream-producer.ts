import { randomBytes } from 'node:crypto';
import { validate, validateSync, type Validation } from '../../contract/validate.js';
import { limitOf } from '../../contract/limits.js';
import type { Clock } from '../../core/clock.js';
import { MillraceError } from '../../core/errors.js';
import { AGGREGATE_OVERHEAD_BYTES } from '../../core/stream/aggregation.js';
import { LaneBoard, type Settled } from '../../core/stream/lane-board.js';
import type { LaneRecord } from '../../core/stream/lane.js';
import type { UnpackTools } from '../../core/stream/unpack.js';
import { awsFailureError, type AwsFailure } from '../aws/errors.js';
import { createSystemClock } from '../system/clock.js';
import { createSystemRandom } from '../system/random.js';
import type { TraceContext } from '../../contract/envelope.js';
import type { TraceToCome } from '../observability/send-observation.js';
import { encodePut, invalidRecord } from './encoded-put.js';
import { createHashing } from './hashing.js';
import type { KinesisApi } from './kinesis-api.js';
import {
  compileStreamProducer,
  type CompiledStreamProducer,
  type StreamProducerOptions,
} from './producer-options.js';
import { observeProducer, type ProducerObservation } from './producer-observation.js';
import { createPutBuffer, type PutBuffer } from './put-buffer.js';
import { PutSender } from './put-sender.js';
import { createSdkKinesisApi } from './sdk-kinesis-api.js';
import type { StreamPosition } from './stream-record.js';

/** What a producer has done since it was made. */
export interface StreamProducerStats {
  /** Records written. */
  readonly records: number;
  /** Kinesis records they travelled in. */
  readonly kinesisRecords: number;
  /** Bytes of the Kinesis records that were written, partition keys included. */
  readonly bytes: number;
  /** Calls of PutRecords, those that go again included. */
  readonly requests: number;
  /** Kinesis records that had to go again. */
  readonly retries: number;
  /** Kinesis records that were refused since their shard had too much. */
  readonly throttles: number;
  /** Records that failed for good. */
  readonly failed: number;
  /** Bytes taken and not written yet. */
  readonly bufferedBytes: number;
}

/** Writes records into a stream. Made by {@link createStreamProducer}. */
export interface StreamProducer<Input> {
  /**
   * Writes a record; resolves with its position once the stream has it. Waits while the buffer is full, so awaiting each
   * put, or {@link ready} before it, bounds the memory.
   * @throws {INVALID_PAYLOAD} it does not fit its schema, or its key is no key
   * @throws {MESSAGE_TOO_LARGE} it is larger than the stream takes
   * @throws {PUT_FAILED} not written within `ttlMs`, or refused; it may still be in the stream when an answer was lost
   * @throws {STOPPED} the producer is stopped
   */
  put(data: Input): Promise<StreamPosition>;
  /** Resolves when a put would not wait. */
  ready(): Promise<void>;
  /** Sends at once what is buffered; resolves when every earlier put is settled, well or not. */
  flush(): Promise<void>;
  /** Takes no more, then flushes. Fine more than once; takes `ttlMs` at the longest. */
  stop(): Promise<void>;
  /** Totals since the start, and what is buffered now. */
  stats(): StreamProducerStats;
  /** Stops it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a producer: records share Kinesis records (in the KPL's format, which every KPL-aware reader reads) and requests,
 * each shard is kept within its limits, and with `order: 'per-key'` the records of a key stand in the order of their puts
 * whatever fails and however the stream is split and merged meanwhile. A record may be written twice after a lost
 * answer; both copies carry the same origin, and millrace's readers leave the second one out.
 *
 * @example
 * const producer = createStreamProducer({ stream: 'Flights', record: FlightLanded, order: 'per-key' });
 * await producer.put(flight);
 * await producer.stop();
 * @throws {INVALID_OPTIONS} with every violation
 * @throws {BINDING_MISSING} {BINDING_INVALID} {BINDING_MISMATCH} the binding is not there, not readable or another record's
 */
export function createStreamProducer<Input, Output>(
  options: StreamProducerOptions<Input, Output>,
): StreamProducer<Input> {
  return new LaneProducer(compileStreamProducer(options));
}

/** Puts whose settling a flush waits for. */
interface Generation {
  open: number;
  isClosed: boolean;
  readonly settled: Promise<void>;
  readonly markSettled: () => void;
}

interface PendingPut extends LaneRecord {
  readonly generation: Generation;
  readonly resolve: (position: StreamPosition) => void;
  readonly reject: (error: unknown) => void;
}

type Promised = Pick<PendingPut, 'generation' | 'resolve' | 'reject'>;

/** A record that was given, its trace known. */
interface Given<Input> {
  readonly data: Input;
  readonly trace: TraceContext | undefined;
}

/** An unordered producer's numbers say nothing about order; readers must not conclude anything from them. */
const EPOCH = { 'per-key': 1, none: 0 } as const;
const UNLIMITED_RECORDS = 100_000;

class LaneProducer<Input, Output> implements StreamProducer<Input> {
  private readonly compiled: CompiledStreamProducer<Input, Output>;
  private readonly clock: Clock;
  private readonly hashing: UnpackTools = createHashing();
  private readonly producerId = randomBytes(6).toString('hex');
  private readonly board: LaneBoard<PendingPut>;
  private readonly sender: PutSender<PendingPut>;
  private readonly buffer: PutBuffer;
  private readonly observation: ProducerObservation | undefined;
  private sequence = 0;
  private generation = newGeneration();
  private readonly unsettled = new Set<Generation>();
  private slowTail: Promise<void> | undefined;
  private api: Promise<KinesisApi> | undefined;
  private stopping: Promise<void> | undefined;
  private counts = { records: 0, kinesisRecords: 0, bytes: 0, failed: 0 };

  constructor(compiled: CompiledStreamProducer<Input, Output>) {
    this.compiled = compiled;
    const { given, ttlMs, onEvent, maxBufferedBytes } = compiled;
    this.clock = given.clock ?? createSystemClock();
    this.board = createBoard(compiled);
    this.buffer = createPutBuffer(maxBufferedBytes);
    this.observation = observeProducer(compiled, {
      clock: this.clock,
      bufferedBytes: () => this.buffer.heldBytes,
    });
    const { observation } = this;
    this.sender = new PutSender<PendingPut>({
      board: this.board,
      api: () => this.openApi(),
      clock: this.clock,
      random: given.random ?? createSystemRandom(),
      digest: this.hashing.digest,
      ttlMs,
      onSettled: (settled, failure) => this.settle(settled, failure),
      onExpired: (records, failure) => this.expire(records, failure),
      onEvent: (event) => {
        observation?.told(event);
        onEvent(event);
      },
      ...(observation && { onSent: (parcels) => observation.sent(parcels) }),
    });
  }

  put(data: Input): Promise<StreamPosition> {
    if (this.stopping !== undefined) return Promise.reject(this.stopped());
    return this.observation?.put((trace) => this.take(data, trace)) ?? this.take(data, undefined);
  }

  private take(data: Input, trace: TraceToCome): Promise<StreamPosition> {
    const { schema } = this.compiled.given.record;
    return new Promise((resolve, reject) => {
      const { generation } = this;
      const promised: Promised = { generation, resolve, reject };
      generation.open += 1;
      const isLate = trace instanceof Promise || this.slowTail !== undefined;
      const validation = isLate ? undefined : validateSync(schema, data);
      if (trace instanceof Promise || validation === undefined) this.acceptSlowly(data, trace, promised);
      else this.accept({ data, trace }, validation, promised);
    });
  }

  ready(): Promise<void> {
    if (this.buffer.hasRoom) return Promise.resolve();
    return new Promise((resolve) => {
      this.buffer.admit(() => {
        resolve();
        return 0;
      });
    });
  }

  async flush(): Promise<void> {
    const { generation } = this;
    if (generation.open > 0) {
      generation.isClosed = true;
      this.unsettled.add(generation);
      this.generation = newGeneration();
    }
    this.board.flush(this.sequence);
    this.sender.wake(0);
    await Promise.all([...this.unsettled].map(({ settled }) => settled));
  }

  stop(): Promise<void> {
    this.stopping ??= this.drain();
    return this.stopping;
  }

  stats(): StreamProducerStats {
    const { requests, retries, throttles } = this.sender;
    return { ...this.counts, requests, retries, throttles, bufferedBytes: this.buffer.heldBytes };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async drain(): Promise<void> {
    await this.flush();
    this.sender.stop();
    this.observation?.close();
    const api = await this.api?.catch(() => undefined);
    if (this.compiled.given.api === undefined) api?.close();
  }

  /** For schemas and traces that must be awaited: one after another, so that order survives their waits. */
  private acceptSlowly(data: Input, toCome: TraceToCome, promised: Promised): void {
    const { schema } = this.compiled.given.record;
    const before = this.slowTail ?? Promise.resolve();
    const tail = Promise.all([toCome, before.then(() => validate(schema, data))])
      .then(
        ([trace, validation]) => this.accept({ data, trace }, validation, promised),
        (error: unknown) => this.refuse(promised, error),
      )
      .then(() => {
        if (this.slowTail === tail) this.slowTail = undefined;
      });
    this.slowTail = tail;
  }

  private accept(given: Given<Input>, validation: Validation<Output>, promised: Promised): void {
    const { record } = this.compiled.given;
    if (validation.kind === 'invalid') {
      const issues = validation.issues.join('; ');
      this.refuse(promised, invalidRecord(`the record does not fit '${record.name}': ${issues}`));
      return;
    }
    this.buffer.admit(() => this.enter(given, validation.value, promised));
  }

  /** Brings the record into its lane; returns the bytes it takes there. */
  private enter(given: Given<Input>, value: Output, promised: Promised): number {
    try {
      const put = this.encode(given, value, promised);
      this.board.add(put);
      if (promised.generation.isClosed) this.board.flush(put.sequence);
      // A millisecond gathers a burst of puts into one look at the board.
      this.sender.wake(1);
      return put.bytes;
    } catch (error) {
      this.refuse(promised, error);
      return 0;
    }
  }

  private encode({ data, trace }: Given<Input>, value: Output, promised: Promised): PendingPut {
    const { binding, order, given } = this.compiled;
    const sequence = this.sequence + 1;
    const origin = { producerId: this.producerId, epoch: EPOCH[order], sequence };
    const producedAt = this.clock.now();
    const put = encodePut({ record: given.record, binding, data, value, trace, origin, producedAt });
    this.sequence = sequence;
    return {
      ...promised,
      ...put,
      sequence,
      hash: this.hashing.hashOf(put.partitionKey),
      acceptedAt: this.clock.monotonic(),
    };
  }

  private settle(settled: Settled<PendingPut>, failure: AwsFailure | undefined): void {
    const { records } = settled.parcel;
    if (settled.kind === 'refused') {
      this.expire(records, failure);
      return;
    }
    const { shardId, sequenceNumber } = settled;
    this.counts.records += records.length;
    this.counts.kinesisRecords += 1;
    this.counts.bytes += settled.parcel.bytes;
    for (const [subSequence, put] of records.entries()) put.resolve({ shardId, sequenceNumber, subSequence });
    this.close(records);
  }

  private expire(records: readonly PendingPut[], failure: AwsFailure | undefined): void {
    if (records.length === 0) return;
    const error = this.putFailed(failure);
    this.counts.failed += records.length;
    for (const put of records) put.reject(error);
    this.close(records);
  }

  private close(records: readonly PendingPut[]): void {
    let bytes = 0;
    for (const put of records) {
      bytes += put.bytes;
      this.leave(put.generation);
    }
    this.buffer.give(bytes);
  }

  private refuse({ generation, reject }: Promised, error: unknown): void {
    reject(error);
    this.leave(generation);
  }

  private leave(generation: Generation): void {
    generation.open -= 1;
    if (generation.open > 0 || !generation.isClosed) return;
    this.unsettled.delete(generation);
    generation.markSettled();
  }

  private openApi(): Promise<KinesisApi> {
    const { given, binding } = this.compiled;
    this.api ??=
      given.api === undefined
        ? createSdkKinesisApi(binding, binding.arn, given.kinesis)
        : Promise.resolve(given.api);
    return this.api;
  }

  private putFailed(failure: AwsFailure | undefined): MillraceError {
    const { binding, ttlMs } = this.compiled;
    const cause =
      failure && awsFailureError(failure, { ...binding, action: `put into stream '${binding.name}'` });
    const why =
      failure !== undefined && !failure.isRetryable ? 'it was refused' : `${ttlMs} ms (ttlMs) are over`;
    const last = cause === undefined ? '' : `; the last answer: ${cause.message}`;
    return new MillraceError(
      'PUT_FAILED',
      `a record was not written into stream '${binding.name}': ${why}${last}; put it again, or keep it elsewhere (it may still be in the stream if an answer was lost)`,
      cause === undefined ? {} : { cause },
    );
  }

  private stopped(): MillraceError {
    const { name } = this.compiled.binding;
    return new MillraceError('STOPPED', `the producer of stream '${name}' is stopped: make a new one`);
  }
}

function createBoard<Input, Output>(compiled: CompiledStreamProducer<Input, Output>): LaneBoard<PendingPut> {
  const { order, aggregateBytes, maxAggregateBytes, lingerMs, shardShare, maxInFlightPerShard } = compiled;
  return new LaneBoard<PendingPut>({
    lanes: {
      maxInFlight: order === 'per-key' ? 1 : maxInFlightPerShard,
      parcelBytes: aggregateBytes,
      maxParcelBytes: Math.min(maxAggregateBytes, compiled.binding.maxRecordBytes - AGGREGATE_OVERHEAD_BYTES),
      parcelRecords: aggregateBytes === 0 ? 1 : UNLIMITED_RECORDS,
      lingerMs,
    },
    limits: {
      bytesPerSecond: limitOf('kinesis.shard.writeBytesPerSecond') * shardShare,
      recordsPerSecond: limitOf('kinesis.shard.writeRecordsPerSecond') * shardShare,
      burstSeconds: 1,
    },
    keepsOrder: order === 'per-key',
  });
}

function newGeneration(): Generation {
  let markSettled: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => (markSettled = resolve));
  return { open: 0, isClosed: false, settled, markSettled };
}
