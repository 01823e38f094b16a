import { answer, refuse, type Refusal } from './answers.js';
import { required, structure, text, timestamp, whole } from './fields.js';
import { formatHashKey, isAdjacent, parseHashKey } from './hash-key.js';
import { hashKey, operation, shardId, STREAM_REFERENCE, token } from './operation.js';
import { formatPageToken, parsePageToken } from './page-token.js';
import { HOUR_MS, trimHorizonOf, type KinesisState, type Shard, type Stream } from './stream-state.js';
import { beginChange, findIdleStream, findServingStream, findStream } from './streams.js';

const shardFilter = structure({
  Type: required(
    text({
      oneOf: [
        'AFTER_SHARD_ID',
        'AT_TRIM_HORIZON',
        'FROM_TRIM_HORIZON',
        'AT_LATEST',
        'AT_TIMESTAMP',
        'FROM_TIMESTAMP',
      ],
    }),
  ),
  ShardId: shardId,
  Timestamp: timestamp,
});

interface ShardFilter {
  readonly Type: string;
  readonly ShardId?: string | undefined;
  readonly Timestamp?: number | undefined;
}

/** A shard as DescribeStream and ListShards give it. */
export const describeShard = (shard: Shard): Readonly<Record<string, unknown>> => {
  const [parent, adjacent] = shard.parents;
  return {
    ShardId: shard.id,
    ...(parent !== undefined && { ParentShardId: parent }),
    ...(adjacent !== undefined && { AdjacentParentShardId: adjacent }),
    HashKeyRange: {
      StartingHashKey: formatHashKey(shard.range.start),
      EndingHashKey: formatHashKey(shard.range.end),
    },
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      ...(shard.closure !== undefined && { EndingSequenceNumber: shard.closure.endingSequenceNumber }),
    },
  };
};

/** ListShards, with every filter, by pages. */
export const listShards = operation(
  {
    ...STREAM_REFERENCE,
    NextToken: token,
    ExclusiveStartShardId: shardId,
    MaxResults: whole({ min: 1, max: 10_000 }),
    StreamCreationTimestamp: timestamp,
    ShardFilter: shardFilter,
  },
  (state, input, now) => {
    if (input.NextToken !== undefined) {
      const isAlone =
        input.StreamName === undefined &&
        input.StreamARN === undefined &&
        input.ExclusiveStartShardId === undefined &&
        input.ShardFilter === undefined;
      if (!isAlone)
        return refuse(
          'InvalidArgumentException',
          'NextToken and StreamName cannot be provided together: the token names the stream, the start and the filter.',
        );
      const parsed = parsePageToken(input.NextToken, now);
      if (parsed.kind === 'fault') return parsed;
      const { of, after, filter } = parsed.token;
      return listPage(state, {
        reference: { StreamARN: of },
        after,
        filter: filter === undefined ? undefined : (JSON.parse(filter) as ShardFilter),
        max: input.MaxResults,
        now,
      });
    }
    return listPage(state, {
      reference: input,
      after: input.ExclusiveStartShardId,
      filter: input.ShardFilter,
      max: input.MaxResults,
      now,
    });
  },
);

interface ListRequest {
  readonly reference: { readonly StreamName?: string | undefined; readonly StreamARN?: string | undefined };
  readonly after: string | undefined;
  readonly filter: ShardFilter | undefined;
  readonly max: number | undefined;
  readonly now: number;
}

function listPage(state: KinesisState, { reference, after, filter, max, now }: ListRequest) {
  const found = findStream(state, reference);
  if (found.kind === 'fault') return found;
  const { stream } = found;
  if (stream.status === 'CREATING' || stream.status === 'DELETING')
    return refuse(
      'ResourceInUseException',
      `Stream ${stream.name} under account ${state.accountId} not ACTIVE, instead in state ${stream.status}`,
    );
  if (state.areLimitsEnforced && !stream.listShardsCalls.tryTake(1, now))
    return refuse('LimitExceededException', `Rate exceeded for stream ${stream.name}: ListShards.`);
  const misfit = filterMisfit(stream, filter, now);
  if (misfit !== undefined) return misfit;
  const wanted = [...stream.shards.values()].filter(
    (shard) => (after === undefined || shard.id > after) && passes(stream, shard, filter, now),
  );
  const page = wanted.slice(0, max ?? 1_000);
  const last = page.at(-1);
  const hasMore = page.length < wanted.length && last !== undefined;
  const kept = filter === undefined ? {} : { filter: JSON.stringify(filter) };
  return answer({
    Shards: page.map(describeShard),
    ...(hasMore && { NextToken: formatPageToken({ of: stream.arn, after: last.id, ...kept }, now) }),
  });
}

function filterMisfit(stream: Stream, filter: ShardFilter | undefined, now: number): Refusal | undefined {
  if (filter === undefined) return undefined;
  const takesTimestamp = filter.Type === 'AT_TIMESTAMP' || filter.Type === 'FROM_TIMESTAMP';
  if (takesTimestamp !== (filter.Timestamp !== undefined))
    return refuse(
      'InvalidArgumentException',
      `Timestamp must be given with *_TIMESTAMP filters and no other.`,
    );
  if ((filter.Type === 'AFTER_SHARD_ID') !== (filter.ShardId !== undefined))
    return refuse(
      'InvalidArgumentException',
      'ShardId must be given with the AFTER_SHARD_ID filter and no other.',
    );
  const time = filter.Timestamp;
  if (time !== undefined && (time > now || time < stream.createdAt))
    return refuse(
      'InvalidArgumentException',
      'Timestamp must lie between the creation of the stream and the current time.',
    );
  return undefined;
}

function passes(stream: Stream, shard: Shard, filter: ShardFilter | undefined, now: number): boolean {
  if (filter === undefined) return true;
  const horizon = Math.max(trimHorizonOf(stream, now), stream.createdAt);
  const time = Math.max(filter.Timestamp ?? horizon, horizon);
  const closedAt = shard.closure?.at ?? Infinity;
  switch (filter.Type) {
    case 'AFTER_SHARD_ID':
      return shard.id > (filter.ShardId ?? '');
    case 'AT_LATEST':
      return shard.closure === undefined;
    case 'FROM_TIMESTAMP':
      return closedAt >= time;
    case 'AT_TIMESTAMP':
    case 'AT_TRIM_HORIZON':
      return shard.openedAt <= time && closedAt > time;
    default:
      return true;
  }
}

/** SplitShard: takes effect when the stream's change is done. */
export const splitShardOperation = operation(
  { ...STREAM_REFERENCE, ShardToSplit: required(shardId), NewStartingHashKey: required(hashKey) },
  (state, input, now) => {
    const found = findOpenShard(state, input, input.ShardToSplit);
    if (found.kind === 'fault') return found;
    const { stream, shard } = found;
    const key = parseHashKey(input.NewStartingHashKey);
    if (key === undefined || key <= shard.range.start || key > shard.range.end)
      return refuse(
        'InvalidArgumentException',
        `NewStartingHashKey ${input.NewStartingHashKey} used in SplitShard() on shard ${shard.id} in stream ${stream.name} under account ${state.accountId} is not both greater than one plus the shard's StartingHashKey ${formatHashKey(shard.range.start)} and less than the shard's EndingHashKey ${formatHashKey(shard.range.end)}.`,
      );
    const tooMany = shardLimitMisfit(state, 1);
    if (tooMany !== undefined) return tooMany;
    beginChange(state, stream, { kind: 'split', shardId: shard.id, at: key }, { status: 'UPDATING', now });
    return answer();
  },
);

/** MergeShards: takes effect when the stream's change is done. */
export const mergeShardsOperation = operation(
  { ...STREAM_REFERENCE, ShardToMerge: required(shardId), AdjacentShardToMerge: required(shardId) },
  (state, input, now) => {
    const found = findOpenShard(state, input, input.ShardToMerge);
    if (found.kind === 'fault') return found;
    const other = findOpenShard(state, input, input.AdjacentShardToMerge);
    if (other.kind === 'fault') return other;
    const { stream, shard } = found;
    const adjacent = other.shard;
    if (!isAdjacent(shard.range, adjacent.range) && !isAdjacent(adjacent.range, shard.range))
      return refuse(
        'InvalidArgumentException',
        `Shards ${shard.id} and ${adjacent.id} in stream ${stream.name} under account ${state.accountId} are not an adjacent pair of shards eligible for merging`,
      );
    beginChange(
      state,
      stream,
      { kind: 'merge', shardId: shard.id, adjacentId: adjacent.id },
      { status: 'UPDATING', now },
    );
    return answer();
  },
);

type OpenShard = { readonly kind: 'found'; readonly stream: Stream; readonly shard: Shard } | Refusal;

function findOpenShard(state: KinesisState, reference: ListRequest['reference'], id: string): OpenShard {
  const serving = findServingStream(state, reference);
  if (serving.kind === 'fault') return serving;
  const found = findIdleStream(state, reference);
  if (found.kind === 'fault') return found;
  const { stream } = found;
  const shard = stream.shards.get(id);
  if (shard === undefined)
    return refuse(
      'ResourceNotFoundException',
      `Could not find shard ${id} in stream ${stream.name} under account ${state.accountId}.`,
    );
  if (stream.mode === 'ON_DEMAND')
    return refuse('ValidationException', `Stream ${stream.name} is in ON_DEMAND mode: it reshards itself.`);
  if (shard.closure === undefined) return { kind: 'found', stream, shard };
  return refuse(
    'InvalidArgumentException',
    `Shard ${id} in stream ${stream.name} under account ${state.accountId} has already been merged or split, and thus is not eligible for merging or splitting.`,
  );
}

function shardLimitMisfit(state: KinesisState, additional: number): Refusal | undefined {
  const open = [...state.streams.values()].reduce((sum, stream) => sum + stream.open.length, 0);
  if (open + additional <= state.shardLimit) return undefined;
  return refuse(
    'LimitExceededException',
    `This request would exceed the shard limit of ${state.shardLimit} for the account ${state.accountId} in ${state.region}.`,
  );
}

/** How often UpdateShardCount may be used on one stream in 24 hours. */
const RESIZES_PER_DAY = 10;
/** How many shards one stream may have without a raised quota. */
const MOST_SHARDS = 10_000;

/** UpdateShardCount: to between half and double, ten times in 24 hours. */
export const updateShardCount = operation(
  {
    ...STREAM_REFERENCE,
    TargetShardCount: required(whole({ min: 1, max: 100_000 })),
    ScalingType: required(text({ oneOf: ['UNIFORM_SCALING'] })),
  },
  (state, input, now) => {
    const found = findIdleStream(state, input);
    if (found.kind === 'fault') return found;
    const { stream } = found;
    const [current, target] = [stream.open.length, input.TargetShardCount];
    if (stream.mode === 'ON_DEMAND')
      return refuse('ValidationException', `Stream ${stream.name} is in ON_DEMAND mode: it reshards itself.`);
    const recent = stream.resizedAt.filter((at) => now - at < 24 * HOUR_MS);
    if (recent.length >= RESIZES_PER_DAY)
      return refuse(
        'LimitExceededException',
        `UpdateShardCount was used ${RESIZES_PER_DAY} times on stream ${stream.name} in 24 hours already.`,
      );
    if (target > current * 2 || target * 2 < current || target > MOST_SHARDS)
      return refuse(
        'LimitExceededException',
        `UpdateShardCount cannot scale stream ${stream.name} from ${current} to ${target} shards: allowed is ${Math.ceil(current / 2)} to ${Math.min(current * 2, MOST_SHARDS)}.`,
      );
    const tooMany = shardLimitMisfit(state, target - current);
    if (tooMany !== undefined) return tooMany;
    stream.resizedAt = [...recent, now];
    beginChange(state, stream, { kind: 'resize', shardCount: target }, { status: 'UPDATING', now });
    return answer({
      StreamName: stream.name,
      StreamARN: stream.arn,
      CurrentShardCount: current,
      TargetShardCount: target,
    });
  },
);
