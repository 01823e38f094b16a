import { limitOf } from '../../contract/limits.js';
import { answer, refuse, toTimestamp, type Refusal } from './answers.js';
import { required, text, timestamp, whole } from './fields.js';
import { operation, streamArn, token } from './operation.js';
import { formatPageToken, parsePageToken } from './page-token.js';
import { newTags } from './stream-operations.js';
import type { Consumer, KinesisState, Stream } from './stream-state.js';
import { findServingStream, findStream } from './streams.js';

/** Consumers of a stream in on-demand mode, in an account with On-demand Advantage. */
const ADVANTAGE_CONSUMERS = 50;
/** How many consumers of one stream may be CREATING at once. */
const MOST_CREATING = 5;

const consumerName = text({ min: 1, max: 128, form: /^[a-zA-Z0-9_.-]+$/ });
/** A consumer's ARN. */
export const consumerArn = text({
  min: 1,
  max: 2_048,
  form: /^arn:aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+$/,
});

/** RegisterStreamConsumer: CREATING first; it can't be subscribed to until it is ACTIVE. */
export const registerConsumer = operation(
  { StreamARN: required(streamArn), ConsumerName: required(consumerName), Tags: newTags },
  (state, input, now) => {
    const found = findServingStream(state, input);
    if (found.kind === 'fault') return found;
    const { stream } = found;
    if (stream.consumers.has(input.ConsumerName))
      return refuse(
        'ResourceInUseException',
        `Consumer ${input.ConsumerName} of stream ${stream.arn} exists already.`,
      );
    const limit =
      state.advantageSince !== undefined && stream.mode === 'ON_DEMAND'
        ? ADVANTAGE_CONSUMERS
        : limitOf('kinesis.consumers.max');
    const creating = [...stream.consumers.values()].filter(({ status }) => status === 'CREATING').length;
    if (stream.consumers.size >= limit || creating >= MOST_CREATING)
      return refuse(
        'LimitExceededException',
        `Stream ${stream.name} has ${stream.consumers.size} consumers, ${creating} of them CREATING: allowed are ${limit} and ${MOST_CREATING}.`,
      );
    const consumer: Consumer = {
      name: input.ConsumerName,
      arn: `${stream.arn}/consumer/${input.ConsumerName}:${Math.floor(now / 1_000)}`,
      createdAt: now,
      tags: new Map(input.Tags ?? []),
      status: 'CREATING',
      changesAt: now + state.transitionMs,
      subscriptions: new Map(),
      subscribeCalls: new Map(),
    };
    stream.consumers.set(consumer.name, consumer);
    return answer({ Consumer: describe(consumer) });
  },
);

const CONSUMER_REFERENCE = {
  StreamARN: streamArn,
  ConsumerName: consumerName,
  ConsumerARN: consumerArn,
} as const;

interface ConsumerReference {
  readonly StreamARN?: string | undefined;
  readonly ConsumerName?: string | undefined;
  readonly ConsumerARN?: string | undefined;
}

type FoundConsumer =
  { readonly kind: 'found'; readonly stream: Stream; readonly consumer: Consumer } | Refusal;

/** Finds a consumer by its ARN, or by the stream's ARN and its name. */
export function findConsumer(state: KinesisState, reference: ConsumerReference): FoundConsumer {
  const { ConsumerARN: arn, StreamARN, ConsumerName: name } = reference;
  if (arn === undefined && (StreamARN === undefined || name === undefined))
    return refuse('InvalidArgumentException', 'Give ConsumerARN, or both StreamARN and ConsumerName.');
  const found = findStream(state, { StreamARN: StreamARN ?? arn?.replace(/\/consumer\/.*$/, '') });
  if (found.kind === 'fault') return found;
  const { stream } = found;
  const consumer = [...stream.consumers.values()].find(
    (candidate) =>
      (arn === undefined || candidate.arn === arn) && (name === undefined || candidate.name === name),
  );
  if (consumer !== undefined) return { kind: 'found', stream, consumer };
  return refuse(
    'ResourceNotFoundException',
    `Consumer ${arn ?? name ?? ''} of stream ${stream.arn} not found.`,
  );
}

/** DeregisterStreamConsumer: its subscriptions end when it is gone. */
export const deregisterConsumer = operation(CONSUMER_REFERENCE, (state, input, now) => {
  const found = findConsumer(state, input);
  if (found.kind === 'fault') return found;
  const { consumer } = found;
  if (consumer.status !== 'DELETING') {
    consumer.status = 'DELETING';
    consumer.changesAt = now + state.transitionMs;
  }
  return answer();
});

/** DescribeStreamConsumer. */
export const describeConsumer = operation(CONSUMER_REFERENCE, (state, input) => {
  const found = findConsumer(state, input);
  if (found.kind === 'fault') return found;
  const { stream, consumer } = found;
  return answer({ ConsumerDescription: { ...describe(consumer), StreamARN: stream.arn } });
});

/** ListStreamConsumers, by name. */
export const listConsumers = operation(
  {
    StreamARN: required(streamArn),
    NextToken: token,
    MaxResults: whole({ min: 1, max: 100 }),
    StreamCreationTimestamp: timestamp,
  },
  (state, input, now) => {
    const found = findStream(state, input);
    if (found.kind === 'fault') return found;
    const parsed = input.NextToken === undefined ? undefined : parsePageToken(input.NextToken, now);
    if (parsed?.kind === 'fault') return parsed;
    const after = parsed?.token.after ?? '';
    const consumers = [...found.stream.consumers.values()]
      .filter(({ name }) => name > after)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = consumers.slice(0, input.MaxResults ?? 100);
    const last = page.at(-1);
    const hasMore = page.length < consumers.length && last !== undefined;
    return answer({
      Consumers: page.map(describe),
      ...(hasMore && { NextToken: formatPageToken({ of: found.stream.arn, after: last.name }, now) }),
    });
  },
);

const describe = (consumer: Consumer): Readonly<Record<string, unknown>> => ({
  ConsumerName: consumer.name,
  ConsumerARN: consumer.arn,
  ConsumerStatus: consumer.status,
  ConsumerCreationTimestamp: toTimestamp(consumer.createdAt),
});
