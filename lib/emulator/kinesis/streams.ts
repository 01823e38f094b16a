import { refuse, type Refusal } from './answers.js';
import { halveShard, mergeShards, resizeUniformly, splitShard } from './shards.js';
import {
  HOUR_MS,
  trimHorizonOf,
  type Consumer,
  type KinesisState,
  type Shard,
  type Stream,
  type StreamChange,
} from './stream-state.js';

/** What names a stream in a call: its name, its ARN, or both. */
export interface StreamReference {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

/** A stream that was found, or the refusal to answer with. */
export type FoundStream = { readonly kind: 'found'; readonly stream: Stream } | Refusal;

/** The ARN of a stream in the emulated account. */
export const streamArnOf = (state: KinesisState, name: string): string =>
  `arn:aws:kinesis:${state.region}:${state.accountId}:stream/${name}`;

/** The refusal for a stream that isn't there. */
export const streamNotFound = (state: KinesisState, name: string): Refusal =>
  refuse('ResourceNotFoundException', `Stream ${name} under account ${state.accountId} not found.`);

/** Finds the stream a call names, in any status. */
export function findStream(state: KinesisState, reference: StreamReference): FoundStream {
  const { StreamName: name, StreamARN: arn } = reference;
  if (name === undefined && arn === undefined)
    return refuse('InvalidArgumentException', 'Either StreamName or StreamARN should be provided.');
  const nameOfArn = arn === undefined ? undefined : arn.slice(arn.indexOf('/') + 1);
  if (name !== undefined && nameOfArn !== undefined && name !== nameOfArn)
    return refuse('InvalidArgumentException', 'StreamName and StreamARN name different streams.');
  const wanted = name ?? nameOfArn ?? '';
  const stream = state.streams.get(wanted);
  if (stream === undefined || (arn !== undefined && arn !== stream.arn)) return streamNotFound(state, wanted);
  return { kind: 'found', stream };
}

/** Finds a stream that can be written and read: one being created or deleted isn't there yet or any more. */
export function findServingStream(state: KinesisState, reference: StreamReference): FoundStream {
  const found = findStream(state, reference);
  if (found.kind === 'fault') return found;
  const isServing = found.stream.status === 'ACTIVE' || found.stream.status === 'UPDATING';
  return isServing ? found : streamNotFound(state, found.stream.name);
}

/** Finds a stream whose settings can be changed now. */
export function findIdleStream(state: KinesisState, reference: StreamReference): FoundStream {
  const found = findStream(state, reference);
  if (found.kind === 'fault' || found.stream.status === 'ACTIVE') return found;
  const { name, status } = found.stream;
  return refuse(
    'ResourceInUseException',
    `Stream ${name} under account ${state.accountId} not ACTIVE, instead in state ${status}`,
  );
}

/** Starts a change: the stream is in the given status until it is done. */
export function beginChange(
  state: KinesisState,
  stream: Stream,
  change: StreamChange,
  step: { readonly status: 'CREATING' | 'UPDATING' | 'DELETING'; readonly now: number },
): void {
  stream.status = step.status;
  stream.pending = { at: step.now + state.transitionMs, change };
}

/** Does everything that is due up to `now`: status changes, consumers' changes, trimming, on-demand splits. */
export function advanceStreams(state: KinesisState, now: number): void {
  for (const stream of state.streams.values()) {
    const { pending } = stream;
    if (pending !== undefined && pending.at <= now) {
      stream.pending = undefined;
      finishChange(state, stream, pending.change, pending.at);
    }
    for (const consumer of stream.consumers.values()) finishConsumer(stream, consumer, now);
    trimStream(stream, now);
  }
}

function finishChange(state: KinesisState, stream: Stream, change: StreamChange, now: number): void {
  stream.status = 'ACTIVE';
  switch (change.kind) {
    case 'activate':
      return;
    case 'remove':
      for (const consumer of stream.consumers.values()) orphanSubscriptions(consumer);
      state.streams.delete(stream.name);
      return;
    case 'encrypt':
      stream.keyId = change.keyId;
      return;
    case 'resize':
      resizeUniformly(stream, change.shardCount, now);
      return;
    case 'split': {
      const shard = stream.shards.get(change.shardId);
      if (shard?.closure === undefined && shard !== undefined) splitShard(stream, shard, change.at, now);
      return;
    }
    case 'merge': {
      const shard = stream.shards.get(change.shardId);
      const adjacent = stream.shards.get(change.adjacentId);
      if (shard !== undefined && adjacent !== undefined) mergeShards(stream, shard, adjacent, now);
      return;
    }
  }
}

function finishConsumer(stream: Stream, consumer: Consumer, now: number): void {
  if (consumer.changesAt === undefined || consumer.changesAt > now) return;
  consumer.changesAt = undefined;
  if (consumer.status === 'DELETING') {
    orphanSubscriptions(consumer);
    stream.consumers.delete(consumer.name);
  } else consumer.status = 'ACTIVE';
}

/** Ends the subscriptions of a consumer that goes away. */
export function orphanSubscriptions(consumer: Consumer): void {
  for (const subscription of consumer.subscriptions.values())
    if (subscription.phase === 'live') subscription.phase = 'orphaned';
}

/** Forgets records past retention, and closed shards whose every record is past it. */
function trimStream(stream: Stream, now: number): void {
  const horizon = trimHorizonOf(stream, now);
  for (const shard of stream.shards.values()) {
    shard.log.trimUpTo(horizon);
    if (shard.closure !== undefined && shard.closure.at <= horizon) stream.shards.delete(shard.id);
  }
}

/** When {@link advanceStreams} has something to do next. */
export function nextStreamDeadline(state: KinesisState): number | undefined {
  let earliest = Infinity;
  for (const stream of state.streams.values()) {
    earliest = Math.min(earliest, stream.pending?.at ?? Infinity);
    for (const consumer of stream.consumers.values())
      earliest = Math.min(earliest, consumer.changesAt ?? Infinity);
    for (const shard of stream.shards.values())
      earliest = Math.min(earliest, trimDeadline(shard) + stream.retentionHours * HOUR_MS);
  }
  return earliest === Infinity ? undefined : earliest;
}

const trimDeadline = (shard: Shard): number =>
  Math.min(shard.log.oldest?.arrival.at ?? Infinity, shard.closure?.at ?? Infinity);

/** How long an on-demand stream looks at a shard's load before it decides. */
const LOAD_WINDOW_MS = 60_000;
/** The load above which an on-demand stream splits a shard: 500 KB/s, half of what a shard takes. */
const SPLIT_ABOVE_BYTES_PER_SECOND = 512_000;

/** Counts what came in and, on an on-demand stream, splits a shard that carried too much over a whole window. */
export function noteLoad(stream: Stream, shard: Shard, bytes: number, now: number): void {
  if (stream.mode === 'PROVISIONED') return;
  const { load } = shard;
  const elapsedMs = now - load.since;
  if (elapsedMs < LOAD_WINDOW_MS) {
    shard.load = { since: load.since, bytes: load.bytes + bytes };
    return;
  }
  const isHot = load.bytes / (elapsedMs / 1_000) > SPLIT_ABOVE_BYTES_PER_SECOND;
  shard.load = { since: now, bytes };
  if (isHot && shard.closure === undefined && stream.status === 'ACTIVE') halveShard(stream, shard, now);
}
