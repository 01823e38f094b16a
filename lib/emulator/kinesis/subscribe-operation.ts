import { limitOf } from '../../contract/limits.js';
import type { EventSource, StreamEvent } from '../engine.js';
import { refuse } from './answers.js';
import { consumerArn, findConsumer } from './consumer-operations.js';
import { flag, required, structure, text, timestamp } from './fields.js';
import {
  describeChildren,
  describeRecord,
  findShard,
  millisBehind,
  POSITION_TYPES,
  readPage,
  resolvePosition,
  type Page,
} from './get-operations.js';
import type { ShardPosition } from './iterator.js';
import { operation, sequenceNumber, shardId } from './operation.js';
import { dryRun } from './put-operations.js';
import { tipOf } from './shards.js';
import type { Consumer, KinesisState, Shard, Subscription } from './stream-state.js';
import { advanceStreams } from './streams.js';
import { TokenBucket } from './token-bucket.js';

/** A subscription ends by itself after five minutes. */
const SUBSCRIPTION_MS = 300_000;
/** After a successful call, another for the same consumer and shard is refused for this long, then takes over. */
const TAKEOVER_AFTER_MS = 5_000;
/** An idle subscription is told the time and place this often. */
const HEARTBEAT_MS = 5_000;
/** The most one event carries. */
const EVENT_BYTES = 1_048_576;
const EVENT_RECORDS = 10_000;

/** SubscribeToShard: pushes a shard's records for five minutes at up to 2 MB/s of its own. */
export const subscribeToShard = operation(
  {
    ConsumerARN: required(consumerArn),
    ShardId: required(shardId),
    StartingPosition: required(
      structure({
        Type: required(text({ oneOf: POSITION_TYPES })),
        SequenceNumber: sequenceNumber,
        Timestamp: timestamp,
      }),
    ),
    DryRun: flag,
  },
  (state, input, now) => {
    const found = findConsumer(state, input);
    if (found.kind === 'fault') return found;
    const { consumer, stream } = found;
    if (consumer.status !== 'ACTIVE')
      return refuse('ResourceInUseException', `Consumer ${consumer.arn} is ${consumer.status}, not ACTIVE.`);
    const place = findShard(state, { StreamARN: stream.arn }, input.ShardId);
    if (place.kind === 'fault') return place;
    const { shard } = place;
    const { Type: type, SequenceNumber, Timestamp } = input.StartingPosition;
    const start = resolvePosition(shard, { type, sequenceNumber: SequenceNumber, timestamp: Timestamp }, now);
    if (start.kind === 'fault') return start;
    if (state.areLimitsEnforced && !subscribeBucket(consumer, shard, now).tryTake(1, now))
      return refuse(
        'LimitExceededException',
        `Rate exceeded for consumer ${consumer.arn} and shard ${shard.id}: one SubscribeToShard call per second.`,
      );
    const previous = consumer.subscriptions.get(shard.id);
    if (previous !== undefined && now - previous.startedAt < TAKEOVER_AFTER_MS)
      return refuse(
        'ResourceInUseException',
        `Another active subscription exists for this consumer: ${state.accountId}:${stream.name}:${shard.id}:${consumer.name}`,
      );
    if (input.DryRun === true) return dryRun();
    if (previous?.phase === 'live') previous.phase = 'superseded';
    const subscription: Subscription = { startedAt: now, phase: 'live' };
    consumer.subscriptions.set(shard.id, subscription);
    return {
      kind: 'stream',
      stream: createEventSource(state, { subscription, shard, consumer, position: start.position }),
    };
  },
);

function subscribeBucket(consumer: Consumer, shard: Shard, now: number): TokenBucket {
  let bucket = consumer.subscribeCalls.get(shard.id);
  if (bucket === undefined) {
    bucket = new TokenBucket({ perSecond: 1, capacity: 1 }, now);
    consumer.subscribeCalls.set(shard.id, bucket);
  }
  return bucket;
}

interface SubscriptionStart {
  readonly subscription: Subscription;
  readonly shard: Shard;
  readonly consumer: Consumer;
  readonly position: ShardPosition;
}

const exception = (type: string, message: string): StreamEvent => ({
  type,
  isException: true,
  payload: { message },
});

function createEventSource(state: KinesisState, start: SubscriptionStart): EventSource {
  const { subscription, shard, consumer } = start;
  const rate = limitOf('kinesis.shard.readBytesPerSecond');
  const budget = new TokenBucket({ perSecond: rate, capacity: rate }, subscription.startedAt);
  const expiresAt = subscription.startedAt + SUBSCRIPTION_MS;
  let { position } = start;
  let toldAt = -Infinity;

  const nextEvent = (now: number): { readonly event: StreamEvent; readonly isLast: boolean } | undefined => {
    if (!budget.has(1, now)) return undefined;
    const page = readPage(shard, position, { maxRecords: EVENT_RECORDS, maxBytes: EVENT_BYTES });
    const isEnd = shard.closure !== undefined && page.next === undefined;
    if (page.records.length === 0 && !isEnd && now - toldAt < HEARTBEAT_MS) return undefined;
    budget.take(page.bytes, now);
    position = page.position;
    toldAt = now;
    return { event: recordsEvent(shard, page, isEnd, now), isLast: isEnd };
  };

  const end = (events: readonly StreamEvent[], now: number): ReturnType<EventSource['next']> => {
    subscription.phase = 'ended';
    return { events, ended: true, nextAt: now };
  };

  return {
    next: (now) => {
      advanceStreams(state, now);
      if (subscription.phase === 'superseded')
        return end(
          [exception('ResourceInUseException', `Consumer ${consumer.arn} was subscribed anew.`)],
          now,
        );
      if (subscription.phase === 'orphaned')
        return end([exception('ResourceNotFoundException', `Consumer ${consumer.arn} not found.`)], now);
      if (subscription.phase === 'ended' || now >= expiresAt) return end([], now);
      const events: StreamEvent[] = [];
      for (let next = nextEvent(now); next !== undefined; next = nextEvent(now)) {
        events.push(next.event);
        if (next.isLast) return end(events, now);
      }
      const hasBacklog = readPage(shard, position, { maxRecords: 1, maxBytes: 1 }).records.length > 0;
      const wakeAt = hasBacklog ? now + Math.max(1, budget.waitFor(1, now)) : toldAt + HEARTBEAT_MS;
      return { events, ended: false, nextAt: Math.min(expiresAt, wakeAt) };
    },
    close: () => {
      if (subscription.phase === 'live') subscription.phase = 'ended';
    },
  };
}

/** At the end of a shard the continuation number is left out and the children are named instead. */
function recordsEvent(shard: Shard, page: Page, isEnd: boolean, now: number): StreamEvent {
  return {
    type: 'SubscribeToShardEvent',
    isException: false,
    payload: {
      Records: page.records.map((record) => describeRecord(shard, record)),
      MillisBehindLatest: millisBehind(page.next, now),
      ...(isEnd
        ? { ChildShards: describeChildren(shard) }
        : { ContinuationSequenceNumber: continuationOf(shard, page, now) }),
    },
  };
}

/** With nothing left to read it is the tip of the shard, so that an idle reader moves on past what retention trims. */
const continuationOf = (shard: Shard, page: Page, now: number): string =>
  page.next === undefined ? tipOf(shard, now) : page.position.sequenceNumber;
