import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { defineRecord, type ReaderBinding, type StreamBinding } from '../../../../lib/contract/index.js';
import type { Clock } from '../../../../lib/core/clock.js';
import {
  createStreamProducer,
  createStreamReader,
  type BatchContext,
  type StreamProducer,
  type StreamProducerOptions,
  type StreamPosition,
  type StreamReader,
  type StreamReaderEvent,
  type StreamReaderOptions,
  type StreamRecord,
} from '../../../../lib/runtime/index.js';
import type { KinesisApi } from '../../../../lib/runtime/kinesis/kinesis-api.js';
import { createMemoryLeaseStore } from '../../../../lib/runtime/stores/lease-memory.js';
import type { LeaseStore } from '../../../../lib/runtime/stores/lease-store.js';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.js';
import { createEngineStream, type EngineStream, type EngineStreamOptions } from './engine-api.js';

export const Flight = defineRecord('flight.landed', {
  schema: z.object({ origin: z.string(), n: z.number() }),
  key: (flight) => flight.origin,
});

export interface FlightData {
  readonly origin: string;
  readonly n: number;
}

const common = {
  v: 1,
  region: 'us-east-1',
  record: { name: 'flight.landed', version: 1 },
  retentionHours: 24,
} as const;
const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/flights';

export const streamBinding: StreamBinding = {
  ...common,
  kind: 'stream',
  name: 'Flights',
  arn,
  streamName: 'flights',
  maxRecordBytes: 1_048_576,
};

export const readerBinding: ReaderBinding = {
  ...common,
  kind: 'reader',
  name: 'Flights/delays',
  reader: 'delays',
  stream: { name: 'Flights', arn, streamName: 'flights' },
  leaseTable: 'leases',
  startingPosition: 'TRIM_HORIZON',
};

/** A worker that can die: from then on nothing of it moves, as after SIGKILL. */
export interface Worker {
  readonly reader: StreamReader;
  readonly events: StreamReaderEvent[];
  readonly running: Promise<void>;
  kill(): void;
}

export interface Delivery {
  readonly worker: number;
  readonly shardId: string;
  readonly origin: string;
  readonly n: number;
}

/** What a handler wrote, with the position it wrote it for. */
export interface Effect extends FlightData {
  readonly at?: string;
}

export interface Fleet {
  readonly clock: FakeClock;
  readonly stream: EngineStream;
  readonly store: LeaseStore;
  /** What handlers were given, in order. */
  readonly deliveries: Delivery[];
  /** What was committed together with a position, in order. */
  readonly effects: Effect[];
  startWorker(options?: Partial<StreamReaderOptions<FlightData>>): Worker;
  createProducer(
    options?: Partial<StreamProducerOptions<FlightData, FlightData>>,
  ): StreamProducer<FlightData>;
  /** Lets time pass until it holds, or fails after `limitMs`. */
  until(isTrue: () => boolean, limitMs?: number): Promise<number>;
}

const never = new Promise<never>(() => undefined);

export interface FleetOptions {
  /** Puts something between the workers and their lease store. */
  readonly wrapStore: (store: LeaseStore) => LeaseStore;
}

/** Workers, a producer and a stream of the emulator's engine on one virtual clock. */
export function createFleet(options: Partial<EngineStreamOptions & FleetOptions> = {}): Fleet {
  const clock = createFakeClock();
  const stream = createEngineStream({ clock, ...options });
  const deliveries: Delivery[] = [];
  const effects: Effect[] = [];
  const memory = createMemoryLeaseStore({
    onCommit: (items) => {
      for (const item of items) effects.push(JSON.parse(item.Put?.Item?.flight?.S ?? '{}') as Effect);
    },
  });
  const store = options.wrapStore?.(memory) ?? memory;
  let workers = 0;

  return {
    clock,
    stream,
    store,
    deliveries,
    effects,
    startWorker(more = {}) {
      workers += 1;
      const worker = workers;
      const life = createLife();
      const events: StreamReaderEvent[] = [];
      const handler = async (
        records: readonly StreamRecord<FlightData>[],
        ctx: BatchContext,
      ): Promise<void> => {
        for (const { data } of records) deliveries.push({ worker, shardId: ctx.shardId, ...data });
        await ctx.commit(records.map((record) => putOf(record.data, record.position)));
      };
      const reader = createStreamReader<FlightData>({
        reader: readerBinding,
        record: Flight,
        handler,
        batchSize: 10,
        clock: mortalClock(clock, life),
        api: mortal<KinesisApi>(stream.api, life),
        store: mortal<LeaseStore>(store, life),
        random: { next: () => 0.5 },
        onEvent: (event) => events.push(event),
        ...more,
      });
      const running = reader.run();
      running.catch(() => undefined); // asked for by tests of a start that fails
      return {
        reader,
        events,
        running,
        kill: () => {
          life.end();
        },
      };
    },
    createProducer: (more = {}) =>
      createStreamProducer<FlightData, FlightData>({
        stream: streamBinding,
        record: Flight,
        api: stream.api,
        clock,
        random: { next: () => 0.5 },
        ...more,
      }),
    async until(isTrue, limitMs = 120_000) {
      const startedAt = clock.monotonic();
      while (!isTrue()) {
        if (clock.monotonic() - startedAt > limitMs) throw new Error(`not true within ${limitMs} ms`);
        await clock.advance(20);
      }
      return clock.monotonic() - startedAt;
    },
  };
}

export function putOf(flight: FlightData, position?: StreamPosition): TransactWriteItem {
  const at = position && `${position.shardId}/${position.sequenceNumber}/${position.subSequence}`;
  return { Put: { TableName: 'effects', Item: { flight: { S: JSON.stringify({ ...flight, at }) } } } };
}

interface Life {
  isOver(): boolean;
  end(): void;
}

function createLife(): Life {
  let isOver = false;
  return {
    isOver: () => isOver,
    end: () => {
      isOver = true;
    },
  };
}

/** Calls of the dead are never made, and never answered. */
function mortal<Port extends object>(port: Port, life: Life): Port {
  return new Proxy(port, {
    get(target, name, receiver): unknown {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (life.isOver()) return never;
        const answer: unknown = await (member as (...args: unknown[]) => unknown).apply(target, args);
        return life.isOver() ? never : answer;
      };
    },
  });
}

function mortalClock(clock: Clock, life: Life): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    schedule: (delayMs, onDue) =>
      clock.schedule(delayMs, () => {
        if (!life.isOver()) onDue();
      }),
  };
}

/** Sequence of `n` per origin, in the order given. */
export function byOrigin(flights: readonly FlightData[]): ReadonlyMap<string, readonly number[]> {
  const map = new Map<string, number[]>();
  for (const { origin, n } of flights) map.set(origin, [...(map.get(origin) ?? []), n]);
  return map;
}
