import type { Random } from '../../core/clock.js';
import type { ApiCall, ApiResult, Engine } from '../engine.js';
import { refuse } from './answers.js';
import {
  deregisterConsumer,
  describeConsumer,
  listConsumers,
  registerConsumer,
} from './consumer-operations.js';
import { getRecords, getShardIterator } from './get-operations.js';
import type { Operation } from './operation.js';
import { putRecord, putRecords } from './put-operations.js';
import {
  decreaseRetention,
  describeAccountSettings,
  disableMonitoring,
  enableMonitoring,
  increaseRetention,
  startEncryption,
  stopEncryption,
  updateAccountSettings,
  updateDistribution,
  updateMaxRecordSize,
  updateStreamMode,
  updateWarmThroughput,
} from './settings-operations.js';
import {
  listShards,
  mergeShardsOperation,
  splitShardOperation,
  updateShardCount,
} from './shard-operations.js';
import {
  createStream,
  deleteStream,
  describeLimits,
  describeStream,
  describeStreamSummary,
  listStreams,
} from './stream-operations.js';
import type { KinesisState } from './stream-state.js';
import { advanceStreams, nextStreamDeadline } from './streams.js';
import { subscribeToShard } from './subscribe-operation.js';
import {
  addTags,
  deletePolicy,
  getPolicy,
  listResourceTags,
  listTags,
  putPolicy,
  removeTags,
  tagResource,
  untagResource,
} from './tag-operations.js';
import { TokenBucket } from './token-bucket.js';

/** What a Kinesis engine is made with. */
export interface KinesisEngineOptions {
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** A new id at every call, never one given before. */
  readonly randomId: () => string;
  readonly random: Random;
  /**
   * Milliseconds that a stream stays CREATING, UPDATING or DELETING, and a consumer CREATING or DELETING. At AWS it is
   * seconds to minutes; 0 makes changes take effect at the next call.
   * @default 500
   */
  readonly transitionMs?: number | undefined;
  /**
   * Whether throughput limits of shards and rates of the control plane are enforced.
   * @default true
   * @see https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
   */
  readonly areLimitsEnforced?: boolean | undefined;
  /** Open shards that the account may have. @default 20,000, the quota in us-east-1 */
  readonly shardLimit?: number | undefined;
}

/** Kinesis Data Streams as pure state on given time. */
export interface KinesisEngine extends Engine {
  readonly service: 'kinesis';
}

/** Defaults of {@link KinesisEngineOptions}. */
export const KINESIS_ENGINE_DEFAULTS = Object.freeze({
  transitionMs: 500,
  areLimitsEnforced: true,
  shardLimit: 20_000,
});

interface OperationRow {
  readonly perform: Operation;
  /** Calls per second and account, where the control plane is limited. */
  readonly perSecond?: number;
}

/** Every operation there is here. Not here: channels, which deliver to S3 and are refused by name. */
const OPERATIONS: ReadonlyMap<string, OperationRow> = new Map<string, OperationRow>([
  ['AddTagsToStream', { perform: addTags, perSecond: 5 }],
  ['CreateStream', { perform: createStream, perSecond: 5 }],
  ['DecreaseStreamRetentionPeriod', { perform: decreaseRetention, perSecond: 5 }],
  ['DeleteResourcePolicy', { perform: deletePolicy, perSecond: 5 }],
  ['DeleteStream', { perform: deleteStream, perSecond: 5 }],
  ['DeregisterStreamConsumer', { perform: deregisterConsumer, perSecond: 5 }],
  ['DescribeAccountSettings', { perform: describeAccountSettings, perSecond: 5 }],
  ['DescribeLimits', { perform: describeLimits, perSecond: 1 }],
  ['DescribeStream', { perform: describeStream, perSecond: 10 }],
  ['DescribeStreamConsumer', { perform: describeConsumer, perSecond: 20 }],
  ['DescribeStreamSummary', { perform: describeStreamSummary, perSecond: 20 }],
  ['DisableEnhancedMonitoring', { perform: disableMonitoring, perSecond: 5 }],
  ['EnableEnhancedMonitoring', { perform: enableMonitoring, perSecond: 5 }],
  ['GetRecords', { perform: getRecords }],
  ['GetResourcePolicy', { perform: getPolicy, perSecond: 5 }],
  ['GetShardIterator', { perform: getShardIterator }],
  ['IncreaseStreamRetentionPeriod', { perform: increaseRetention, perSecond: 5 }],
  ['ListShards', { perform: listShards }],
  ['ListStreamConsumers', { perform: listConsumers, perSecond: 5 }],
  ['ListStreams', { perform: listStreams, perSecond: 5 }],
  ['ListTagsForResource', { perform: listResourceTags, perSecond: 5 }],
  ['ListTagsForStream', { perform: listTags, perSecond: 5 }],
  ['MergeShards', { perform: mergeShardsOperation, perSecond: 5 }],
  ['PutRecord', { perform: putRecord }],
  ['PutRecords', { perform: putRecords }],
  ['PutResourcePolicy', { perform: putPolicy, perSecond: 5 }],
  ['RegisterStreamConsumer', { perform: registerConsumer, perSecond: 5 }],
  ['RemoveTagsFromStream', { perform: removeTags, perSecond: 5 }],
  ['SplitShard', { perform: splitShardOperation, perSecond: 5 }],
  ['StartStreamEncryption', { perform: startEncryption, perSecond: 5 }],
  ['StopStreamEncryption', { perform: stopEncryption, perSecond: 5 }],
  ['SubscribeToShard', { perform: subscribeToShard }],
  ['TagResource', { perform: tagResource, perSecond: 5 }],
  ['UntagResource', { perform: untagResource, perSecond: 5 }],
  ['UpdateAccountSettings', { perform: updateAccountSettings, perSecond: 5 }],
  ['UpdateMaxRecordSize', { perform: updateMaxRecordSize, perSecond: 5 }],
  ['UpdateShardCount', { perform: updateShardCount, perSecond: 10 }],
  ['UpdateStreamMode', { perform: updateStreamMode, perSecond: 5 }],
  ['UpdateStreamRecordDistributionStrategy', { perform: updateDistribution, perSecond: 5 }],
  ['UpdateStreamWarmThroughput', { perform: updateWarmThroughput, perSecond: 5 }],
]);

/**
 * Makes an empty Kinesis. It is strict where the service is: limits per shard, five-minute iterators and subscriptions,
 * status changes that take time. Sequence numbers increase per shard and along its lineage; open shards cover the key
 * space at all times; a record that was acknowledged is readable until retention trims it.
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/Welcome.html
 */
export function createKinesisEngine(options: KinesisEngineOptions): KinesisEngine {
  const state: KinesisState = {
    region: options.region,
    accountId: options.accountId,
    randomId: options.randomId,
    random: options.random,
    transitionMs: options.transitionMs ?? KINESIS_ENGINE_DEFAULTS.transitionMs,
    areLimitsEnforced: options.areLimitsEnforced ?? KINESIS_ENGINE_DEFAULTS.areLimitsEnforced,
    shardLimit: options.shardLimit ?? KINESIS_ENGINE_DEFAULTS.shardLimit,
    streams: new Map(),
    controlCalls: new Map(),
    advantageSince: undefined,
  };
  return Object.freeze({
    service: 'kinesis' as const,
    call: (call: ApiCall, now: number) => perform(state, call, now),
    advance: (now: number) => advanceStreams(state, now),
    nextDeadline: () => nextStreamDeadline(state),
  });
}

function perform(state: KinesisState, call: ApiCall, now: number): ApiResult {
  advanceStreams(state, now);
  const row = OPERATIONS.get(call.operation);
  if (row === undefined)
    return {
      kind: 'fault',
      fault: {
        code: 'UnknownOperationException',
        message: `${call.operation} is not emulated; see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_${call.operation}.html`,
        status: 400,
      },
    };
  if (row.perSecond !== undefined && !mayControl(state, call.operation, row.perSecond, now))
    return refuse(
      'LimitExceededException',
      `Rate exceeded for ${call.operation} under account ${state.accountId}: ${row.perSecond} per second.`,
    );
  return row.perform(state, call.input, now);
}

function mayControl(state: KinesisState, name: string, perSecond: number, now: number): boolean {
  if (!state.areLimitsEnforced) return true;
  let bucket = state.controlCalls.get(name);
  if (bucket === undefined) {
    bucket = new TokenBucket({ perSecond, capacity: perSecond }, now);
    state.controlCalls.set(name, bucket);
  }
  return bucket.tryTake(1, now);
}
