import type { ApiFault, ApiResult, EventSource, StreamEvent } from '../../../lib/emulator/engine.js';
import {
  createKinesisEngine,
  type KinesisEngine,
  type KinesisEngineOptions,
} from '../../../lib/emulator/kinesis/kinesis-engine.js';

export const START = Date.UTC(2026, 10, 22);
export const HOUR = 3_600_000;
export const FLIGHTS = 'arn:aws:kinesis:us-east-1:000000000000:stream/flights';

type Output = Readonly<Record<string, unknown>>;

export interface ShardView {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: {
    readonly StartingSequenceNumber: string;
    readonly EndingSequenceNumber?: string;
  };
}

export interface RecordView {
  readonly SequenceNumber: string;
  readonly PartitionKey: string;
  readonly Data: string;
  readonly EncryptionType?: string;
}

export interface PutView {
  readonly ShardId?: string;
  readonly SequenceNumber?: string;
  readonly ErrorCode?: string;
}

export interface PageView {
  readonly Records: readonly RecordView[];
  readonly NextShardIterator?: string;
  readonly MillisBehindLatest: number;
  readonly ChildShards?: readonly { readonly ShardId: string; readonly ParentShards: readonly string[] }[];
}

export interface Kinesis {
  readonly engine: KinesisEngine;
  now: number;
  call(operation: string, input?: Output): ApiResult;
  output(operation: string, input?: Output): Output;
  fault(operation: string, input?: Output): ApiFault;
  createStream(shardCount: number, more?: Output): void;
  shards(filter?: Output): readonly ShardView[];
  put(entries: readonly Output[]): readonly PutView[];
  iterator(shardId: string, type?: string, more?: Output): string;
  read(shardId: string, type?: string, more?: Output): PageView;
  page(iterator: string, more?: Output): PageView;
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const zeros = (bytes: number): string => Buffer.alloc(bytes).toString('base64');

/** An engine at START whose changes take effect at once, and short words for what tests do with it. */
export function setupKinesis(options: Partial<KinesisEngineOptions> = {}): Kinesis {
  let ids = 0;
  const engine = createKinesisEngine({
    region: 'us-east-1',
    accountId: '000000000000',
    randomId: () => `id-${(ids += 1)}`,
    random: { next: () => 0.5 },
    transitionMs: 0,
    ...options,
  });
  const kinesis: Kinesis = {
    engine,
    now: START,
    call: (operation, input = {}) => engine.call({ operation, input }, kinesis.now),
    output: (operation, input) => {
      const result = kinesis.call(operation, input);
      if (result.kind !== 'output') throw new Error(`${operation}: ${JSON.stringify(result)}`);
      return result.output;
    },
    fault: (operation, input) => {
      const result = kinesis.call(operation, input);
      if (result.kind !== 'fault') throw new Error(`${operation} was not refused`);
      return result.fault;
    },
    createStream: (ShardCount, more = {}) =>
      void kinesis.output('CreateStream', { StreamName: 'flights', ShardCount, ...more }),
    shards: (filter) =>
      kinesis.output('ListShards', {
        StreamName: 'flights',
        MaxResults: 10_000,
        ...(filter !== undefined && { ShardFilter: filter }),
      })['Shards'] as readonly ShardView[],
    put: (Records) =>
      kinesis.output('PutRecords', { StreamName: 'flights', Records })['Records'] as readonly PutView[],
    iterator: (ShardId, ShardIteratorType = 'TRIM_HORIZON', more = {}) =>
      kinesis.output('GetShardIterator', { StreamName: 'flights', ShardId, ShardIteratorType, ...more })[
        'ShardIterator'
      ] as string,
    read: (shardId, type, more) => kinesis.page(kinesis.iterator(shardId, type, more)),
    page: (ShardIterator, more = {}) =>
      kinesis.output('GetRecords', { ShardIterator, ...more }) as unknown as PageView,
  };
  return kinesis;
}

/** Subscribes a consumer and gives the event source. */
export function subscribe(kinesis: Kinesis, ConsumerARN: string, more: Output = {}): EventSource {
  const result = kinesis.call('SubscribeToShard', {
    ConsumerARN,
    ShardId: 'shardId-000000000000',
    StartingPosition: { Type: 'TRIM_HORIZON' },
    ...more,
  });
  if (result.kind !== 'stream') throw new Error(JSON.stringify(result));
  return result.stream;
}

export const recordsOf = (events: readonly StreamEvent[]): readonly RecordView[] =>
  events.flatMap(({ payload }) => (payload['Records'] ?? []) as readonly RecordView[]);

export const shardId = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;
