import { limitOf } from '../../contract/limits.js';
import type { ApiResult } from '../engine.js';
import { answer, refuse, toTimestamp } from './answers.js';
import { flag, required, structure, text, textMap, whole } from './fields.js';
import { operation, shardId, STREAM_REFERENCE, streamName, token } from './operation.js';
import { describeShard } from './shard-operations.js';
import { openFirstShards } from './shards.js';
import type { KinesisState, Stream } from './stream-state.js';
import { beginChange, findIdleStream, findStream, streamArnOf } from './streams.js';
import { TokenBucket } from './token-bucket.js';

/** How many shards an on-demand stream starts with: 4 MB/s. */
const ON_DEMAND_SHARDS = 4;
const ON_DEMAND_STREAM_LIMIT = 50;
const LIST_SHARDS_PER_SECOND = 1_000;
const MAX_RECORD_KIB = limitOf('kinesis.record.maxBytes') / 1_024;
const DEFAULT_RECORD_KIB = limitOf('kinesis.record.defaultBytes') / 1_024;

/** PROVISIONED or ON_DEMAND. */
export const streamMode = structure({
  StreamMode: required(text({ oneOf: ['PROVISIONED', 'ON_DEMAND'] })),
});
/** The size a stream lets its records have. */
export const maxRecordKiB = whole({ min: DEFAULT_RECORD_KIB, max: MAX_RECORD_KIB });
/** How records find their shard. */
export const distribution = text({ oneOf: ['AUTO', 'USER_PARTITION_KEY'] });
/** Tags at creation. */
export const newTags = textMap({ min: 0, max: 200 });

/** Open shards of the whole account. */
export const openShardCount = (state: KinesisState): number =>
  [...state.streams.values()].reduce((sum, stream) => sum + stream.open.length, 0);

/** CreateStream. */
export const createStream = operation(
  {
    StreamName: required(streamName),
    ShardCount: whole({ min: 1, max: 100_000 }),
    StreamModeDetails: streamMode,
    Tags: newTags,
    WarmThroughputMiBps: whole({ min: 0, max: 10_240 }),
    MaxRecordSizeInKiB: maxRecordKiB,
    RecordDistributionStrategy: distribution,
  },
  (state, input, now) => {
    const mode = input.StreamModeDetails?.StreamMode ?? 'PROVISIONED';
    const misfit = creationMisfit(state, { ...input, mode });
    if (misfit !== undefined) return misfit;
    const stream = newStream(state, input.StreamName, now);
    stream.mode = mode;
    stream.maxRecordKiB = input.MaxRecordSizeInKiB ?? DEFAULT_RECORD_KIB;
    stream.distribution = input.RecordDistributionStrategy ?? 'USER_PARTITION_KEY';
    stream.warmThroughputMiBps = input.WarmThroughputMiBps;
    for (const [key, value] of input.Tags ?? []) stream.tags.set(key, value);
    openFirstShards(stream, input.ShardCount ?? ON_DEMAND_SHARDS, now);
    state.streams.set(stream.name, stream);
    beginChange(state, stream, { kind: 'activate' }, { status: 'CREATING', now });
    return answer();
  },
);

interface Creation {
  readonly StreamName: string;
  readonly ShardCount?: number | undefined;
  readonly WarmThroughputMiBps?: number | undefined;
  readonly RecordDistributionStrategy?: string | undefined;
  readonly mode: Stream['mode'];
}

function creationMisfit(state: KinesisState, creation: Creation): ApiResult | undefined {
  const { StreamName, ShardCount, mode } = creation;
  if (state.streams.has(StreamName))
    return refuse(
      'ResourceInUseException',
      `Stream ${StreamName} under account ${state.accountId} already exists.`,
    );
  if (mode === 'PROVISIONED' && ShardCount === undefined)
    return refuse('ValidationException', 'ShardCount is required for streams in PROVISIONED mode.');
  if (mode === 'ON_DEMAND' && ShardCount !== undefined)
    return refuse('ValidationException', 'ShardCount must not be given for streams in ON_DEMAND mode.');
  if (mode === 'PROVISIONED' && creation.RecordDistributionStrategy === 'AUTO')
    return refuse('ValidationException', 'RecordDistributionStrategy AUTO needs a stream in ON_DEMAND mode.');
  if (creation.WarmThroughputMiBps !== undefined && state.advantageSince === undefined)
    return refuse('ValidationException', 'WarmThroughputMiBps needs On-demand Advantage in the account.');
  if (openShardCount(state) + (ShardCount ?? ON_DEMAND_SHARDS) > state.shardLimit)
    return refuse(
      'LimitExceededException',
      `This request would exceed the shard limit of ${state.shardLimit} for the account ${state.accountId} in ${state.region}.`,
    );
  return undefined;
}

function newStream(state: KinesisState, name: string, now: number): Stream {
  return {
    name,
    arn: streamArnOf(state, name),
    id: state.randomId(),
    createdAt: now,
    shards: new Map(),
    open: [],
    status: 'CREATING',
    pending: undefined,
    mode: 'PROVISIONED',
    distribution: 'USER_PARTITION_KEY',
    warmThroughputMiBps: undefined,
    retentionHours: limitOf('kinesis.retention.min'),
    maxRecordKiB: DEFAULT_RECORD_KIB,
    keyId: undefined,
    policy: undefined,
    monitoring: new Set(),
    tags: new Map(),
    consumers: new Map(),
    listShardsCalls: new TokenBucket(
      { perSecond: LIST_SHARDS_PER_SECOND, capacity: LIST_SHARDS_PER_SECOND },
      now,
    ),
    nextShardNumber: 0,
    generation: Math.floor(now / 1_000),
    resizedAt: [],
    modeChangedAt: [],
  };
}

/** DeleteStream: refused while it has consumers, unless they may go with it. */
export const deleteStream = operation(
  { ...STREAM_REFERENCE, EnforceConsumerDeletion: flag },
  (state, input, now) => {
    const found = findStream(state, input);
    if (found.kind === 'fault') return found;
    const { stream } = found;
    if (stream.consumers.size > 0 && input.EnforceConsumerDeletion !== true)
      return refuse(
        'ResourceInUseException',
        `Stream ${stream.name} under account ${state.accountId} has enhanced fan-out consumers: deregister them or set EnforceConsumerDeletion.`,
      );
    if (stream.status !== 'DELETING')
      beginChange(state, stream, { kind: 'remove' }, { status: 'DELETING', now });
    return answer();
  },
);

/** DescribeStream, with its shards by pages. */
export const describeStream = operation(
  { ...STREAM_REFERENCE, Limit: whole({ min: 1, max: 10_000 }), ExclusiveStartShardId: shardId },
  (state, input) => {
    const found = findStream(state, input);
    if (found.kind === 'fault') return found;
    const { stream } = found;
    const start = input.ExclusiveStartShardId;
    const isVisible = stream.status === 'ACTIVE' || stream.status === 'UPDATING';
    const shards = isVisible
      ? [...stream.shards.values()].filter(({ id }) => start === undefined || id > start)
      : [];
    const page = shards.slice(0, input.Limit ?? 100);
    return answer({
      StreamDescription: {
        ...describeBasics(stream),
        Shards: page.map(describeShard),
        HasMoreShards: page.length < shards.length,
      },
    });
  },
);

/** DescribeStreamSummary. */
export const describeStreamSummary = operation(STREAM_REFERENCE, (state, input) => {
  const found = findStream(state, input);
  if (found.kind === 'fault') return found;
  const { stream } = found;
  const warm = stream.warmThroughputMiBps;
  return answer({
    StreamDescriptionSummary: {
      ...describeBasics(stream),
      OpenShardCount: stream.status === 'CREATING' ? 0 : stream.open.length,
      ConsumerCount: stream.consumers.size,
      MaxRecordSizeInKiB: stream.maxRecordKiB,
      RecordDistributionStrategy: stream.distribution,
      ...(warm !== undefined && { WarmThroughput: { TargetMiBps: warm, CurrentMiBps: warm } }),
    },
  });
});

const describeBasics = (stream: Stream): Readonly<Record<string, unknown>> => ({
  StreamName: stream.name,
  StreamARN: stream.arn,
  StreamStatus: stream.status,
  StreamModeDetails: { StreamMode: stream.mode },
  RetentionPeriodHours: stream.retentionHours,
  StreamCreationTimestamp: toTimestamp(stream.createdAt),
  EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.monitoring] }],
  EncryptionType: stream.keyId === undefined ? 'NONE' : 'KMS',
  ...(stream.keyId !== undefined && { KeyId: stream.keyId }),
});

/** ListStreams, by name. */
export const listStreams = operation(
  { Limit: whole({ min: 1, max: 10_000 }), ExclusiveStartStreamName: streamName, NextToken: token },
  (state, input) => {
    const start = input.NextToken ?? input.ExclusiveStartStreamName;
    const streams = [...state.streams.values()]
      .filter(({ name }) => start === undefined || name > start)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = streams.slice(0, input.Limit ?? 100);
    const last = page.at(-1);
    return answer({
      StreamNames: page.map(({ name }) => name),
      HasMoreStreams: page.length < streams.length,
      StreamSummaries: page.map((stream) => ({
        StreamName: stream.name,
        StreamARN: stream.arn,
        StreamStatus: stream.status,
        StreamModeDetails: { StreamMode: stream.mode },
        StreamCreationTimestamp: toTimestamp(stream.createdAt),
      })),
      ...(page.length < streams.length && { NextToken: last?.name }),
    });
  },
);

/** DescribeLimits. */
export const describeLimits = operation({}, (state) =>
  answer({
    ShardLimit: state.shardLimit,
    OpenShardCount: openShardCount(state),
    OnDemandStreamCount: [...state.streams.values()].filter(({ mode }) => mode === 'ON_DEMAND').length,
    OnDemandStreamCountLimit: ON_DEMAND_STREAM_LIMIT,
  }),
);

/** Refuses what needs an idle stream, or does it. */
export function changeIdleStream(
  state: KinesisState,
  reference: Parameters<typeof findStream>[1],
  change: (stream: Stream) => ApiResult,
): ApiResult {
  const found = findIdleStream(state, reference);
  return found.kind === 'fault' ? found : change(found.stream);
}
