import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  ListStreamConsumersCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
  type StartingPosition,
  type SubscribeToShardEvent,
} from '@aws-sdk/client-kinesis';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, eventually, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { kinesisApi } from '../../fixtures/pages.js';
import {
  createStream,
  FIRST_SHARD,
  patiently,
  put,
  registerConsumer,
  summaryOf,
  texts,
  untilActive,
  type TestStream,
} from '../../fixtures/streams.js';

const REGISTER = kinesisApi('RegisterStreamConsumer');
const SUBSCRIBE = kinesisApi('SubscribeToShard');

/** Consumers: made, described and taken away. */
export const consumerCases = caseGroup('kinesis.consumer', {
  'RegisterStreamConsumer makes a consumer under the stream': {
    page: REGISTER,
    run: async (context) => {
      const stream = await createStream(context);
      const arn = await registerConsumer(context, stream);
      check(arn.startsWith(`${stream.arn}/consumer/`), `ARN is ${arn}`);
      check(/:\d+$/.test(arn), `ARN is ${arn}`);
    },
  },
  'a consumer can be found by name': {
    page: kinesisApi('DescribeStreamConsumer'),
    run: async (context) => {
      const stream = await createStream(context);
      const arn = await registerConsumer(context, stream);
      const ConsumerName = arn.slice(arn.indexOf('/consumer/') + 10, arn.lastIndexOf(':'));
      const { ConsumerDescription } = await patiently(() =>
        context.kinesis.send(new DescribeStreamConsumerCommand({ StreamARN: stream.arn, ConsumerName })),
      );
      same([ConsumerDescription?.ConsumerARN, ConsumerDescription?.StreamARN], [arn, stream.arn], 'consumer');
    },
  },
  'ListStreamConsumers lists them': {
    page: kinesisApi('ListStreamConsumers'),
    run: async (context) => {
      const stream = await createStream(context);
      const arns = [await registerConsumer(context, stream), await registerConsumer(context, stream)];
      const { Consumers } = await patiently(() =>
        context.kinesis.send(new ListStreamConsumersCommand({ StreamARN: stream.arn })),
      );
      sameSet(
        (Consumers ?? []).map(({ ConsumerARN }) => ConsumerARN ?? ''),
        arns,
        'consumers',
      );
    },
  },
  'consumers are counted': {
    page: kinesisApi('DescribeStreamSummary'),
    run: async (context) => {
      const stream = await createStream(context);
      await registerConsumer(context, stream);
      same((await summaryOf(context, stream)).ConsumerCount, 1, 'ConsumerCount');
    },
  },
  'a consumer name in use is refused': {
    page: REGISTER,
    run: async (context) => {
      const stream = await createStream(context);
      const ConsumerName = context.unique('consumer');
      const register = (): Promise<unknown> =>
        patiently(() =>
          context.kinesis.send(new RegisterStreamConsumerCommand({ StreamARN: stream.arn, ConsumerName })),
        );
      await register();
      await refusal(register(), 'ResourceInUseException');
    },
  },
  'a consumer of an unknown stream is refused': {
    page: REGISTER,
    run: async (context) => {
      const { arn } = await createStream(context);
      const register = new RegisterStreamConsumerCommand({
        StreamARN: `${arn}-absent`,
        ConsumerName: 'wheel',
      });
      await refusal(
        patiently(() => context.kinesis.send(register)),
        'ResourceNotFoundException',
      );
    },
  },
  'a deregistered consumer is not found': {
    page: kinesisApi('DeregisterStreamConsumer'),
    run: async (context) => {
      const ConsumerARN = await registerConsumer(context, await createStream(context));
      await patiently(() => context.kinesis.send(new DeregisterStreamConsumerCommand({ ConsumerARN })));
      const describe = (): Promise<unknown> =>
        refusal(
          patiently(() => context.kinesis.send(new DescribeStreamConsumerCommand({ ConsumerARN }))),
          'ResourceNotFoundException',
        );
      await eventually(describe);
    },
  },
});

interface Subscription {
  /** Reads events until one satisfies, and answers it. */
  until(satisfies: (event: SubscribeToShardEvent) => boolean): Promise<SubscribeToShardEvent>;
}

const subscribe = async (
  context: CaseContext,
  ConsumerARN: string,
  position: StartingPosition = { Type: 'TRIM_HORIZON' },
): Promise<Subscription> => {
  const abort = new AbortController();
  context.cleanUp(() => {
    abort.abort();
    return Promise.resolve();
  });
  const { EventStream } = await context.kinesis.send(
    new SubscribeToShardCommand({ ConsumerARN, ShardId: FIRST_SHARD, StartingPosition: position }),
    { abortSignal: abort.signal },
  );
  const events = present(EventStream, 'EventStream')[Symbol.asyncIterator]();
  return {
    until: async (satisfies) => {
      for (;;) {
        const next = await events.next();
        if (next.done === true) throw new Error('the subscription ended');
        const event = next.value.SubscribeToShardEvent;
        if (event !== undefined && satisfies(event)) return event;
      }
    },
  };
};

const hasRecords = ({ Records }: SubscribeToShardEvent): boolean => (Records?.length ?? 0) > 0;

const subscribed = async (
  context: CaseContext,
): Promise<{ readonly stream: TestStream; readonly consumer: string }> => {
  const stream = await createStream(context);
  return { stream, consumer: await registerConsumer(context, stream) };
};

/** Enhanced fan-out. */
export const subscribeCases = caseGroup('kinesis.subscribe', {
  'TRIM_HORIZON pushes what is there': {
    page: SUBSCRIBE,
    run: async (context) => {
      const { stream, consumer } = await subscribed(context);
      const { SequenceNumber } = await put(context, stream, 'there');
      const event = await (await subscribe(context, consumer)).until(hasRecords);
      same(texts(event.Records ?? []), ['there'], 'data');
      same(event.Records?.[0]?.SequenceNumber, SequenceNumber, 'SequenceNumber');
    },
  },
  'records are pushed as they come': {
    page: SUBSCRIBE,
    run: async (context) => {
      const { stream, consumer } = await subscribed(context);
      const subscription = await subscribe(context, consumer, { Type: 'LATEST' });
      const arrival = subscription.until(hasRecords);
      await put(context, stream, 'live');
      same(texts((await arrival).Records ?? []), ['live'], 'data');
    },
  },
  'AFTER_SEQUENCE_NUMBER pushes from the next record': {
    page: SUBSCRIBE,
    run: async (context) => {
      const { stream, consumer } = await subscribed(context);
      const { SequenceNumber } = await put(context, stream, '1');
      await put(context, stream, '2');
      const position = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber } as const;
      const event = await (await subscribe(context, consumer, position)).until(hasRecords);
      same(texts(event.Records ?? []), ['2'], 'data');
    },
  },
  'an event carries where to go on and how far behind it is': {
    page: kinesisApi('SubscribeToShardEvent'),
    run: async (context) => {
      const { stream, consumer } = await subscribed(context);
      await put(context, stream, 'x');
      const event = await (await subscribe(context, consumer)).until(hasRecords);
      check(event.ContinuationSequenceNumber !== undefined, 'ContinuationSequenceNumber is missing');
      check(typeof event.MillisBehindLatest === 'number', 'MillisBehindLatest is missing');
    },
  },
  'a second subscription within five seconds is refused': {
    page: SUBSCRIBE,
    run: async (context) => {
      const { consumer } = await subscribed(context);
      await subscribe(context, consumer);
      const second = async (): Promise<void> => {
        const subscription = await subscribe(context, consumer);
        await subscription.until(() => true);
      };
      await refusal(second(), 'ResourceInUseException', 'LimitExceededException');
    },
  },
  'two consumers each get every record': {
    page: SUBSCRIBE,
    run: async (context) => {
      const { stream, consumer } = await subscribed(context);
      const other = await registerConsumer(context, stream);
      await put(context, stream, 'both');
      const [first, second] = [await subscribe(context, consumer), await subscribe(context, other)];
      const events = [await first.until(hasRecords), await second.until(hasRecords)];
      same(
        events.map(({ Records }) => texts(Records ?? [])),
        [['both'], ['both']],
        'data',
      );
    },
  },
  'the end of a closed shard names the children': {
    page: kinesisApi('SubscribeToShardEvent'),
    run: async (context) => {
      const { stream, consumer } = await subscribed(context);
      const NewStartingHashKey = (2n ** 127n).toString();
      await patiently(() =>
        context.kinesis.send(
          new SplitShardCommand({ StreamName: stream.name, ShardToSplit: FIRST_SHARD, NewStartingHashKey }),
        ),
      );
      await untilActive(context, stream);
      const subscription = await subscribe(context, consumer);
      const event = await subscription.until(({ ChildShards }) => (ChildShards?.length ?? 0) > 0);
      const children = (event.ChildShards ?? []).map(({ ShardId }) => ShardId ?? '');
      sameSet(children, ['shardId-000000000001', 'shardId-000000000002'], 'ChildShards');
    },
  },
  'an unknown consumer is refused': {
    page: SUBSCRIBE,
    run: async (context) => {
      const { arn } = await createStream(context);
      const attempt = subscribe(context, `${arn}/consumer/absent:1700000000`);
      await refusal(attempt, 'ResourceNotFoundException');
    },
  },
});
