import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
} from '@aws-sdk/client-kinesis';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createEmbeddedAws, type EmbeddedAws } from '../../lib/testing/embedded-aws.js';
import { createVirtualClock, type VirtualClock } from '../../lib/testing/virtual-clock.js';

const HOUR = 3_600_000;

interface Bundle extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly aws: EmbeddedAws;
  readonly kinesis: KinesisClient;
  readonly sqs: SQSClient;
}

async function setup(): Promise<Bundle> {
  const clock = createVirtualClock();
  const aws = await createEmbeddedAws({ clock, dynamodb: false });
  const config = { ...aws.clientConfig, maxAttempts: 1 };
  return {
    clock,
    aws,
    kinesis: new KinesisClient(config),
    sqs: new SQSClient(config),
    [Symbol.asyncDispose]: () => aws.close(),
  };
}

async function createStream({ kinesis, clock }: Bundle): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName: 'flights', ShardCount: 1 }));
  await clock.advanceBy(1_000);
  const summary = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'flights' }));
  return summary.StreamDescriptionSummary?.StreamARN ?? '';
}

const put = (kinesis: KinesisClient, text: string) =>
  kinesis.send(new PutRecordCommand({ StreamName: 'flights', Data: Buffer.from(text), PartitionKey: text }));

const horizon = {
  StreamName: 'flights',
  ShardId: 'shardId-000000000000',
  ShardIteratorType: 'TRIM_HORIZON' as const,
};

describe('createEmbeddedAws', () => {
  it('lets retention trim records hours later, in milliseconds', async () => {
    await using bundle = await setup();
    const { kinesis, clock } = bundle;
    await createStream(bundle);
    await put(kinesis, 'old');
    await clock.advanceBy(23 * HOUR);
    await put(kinesis, 'new');

    await clock.advanceBy(HOUR);
    const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(horizon));
    const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));

    expect(Records?.map(({ PartitionKey }) => PartitionKey)).toEqual(['new']);
  });

  it('lets iterators expire after five minutes', async () => {
    await using bundle = await setup();
    const { kinesis, clock } = bundle;
    await createStream(bundle);
    const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(horizon));

    await clock.advanceBy(300_001);

    await expect(kinesis.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
      name: 'ExpiredIteratorException',
    });
  });

  it('ends a subscription after five minutes, with a place to go on from', async () => {
    await using bundle = await setup();
    const { kinesis, clock } = bundle;
    const StreamARN = await createStream(bundle);
    const { Consumer } = await kinesis.send(
      new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'delays' }),
    );
    await clock.advanceBy(1_000);
    const { EventStream } = await kinesis.send(
      new SubscribeToShardCommand({
        ConsumerARN: Consumer?.ConsumerARN,
        ShardId: 'shardId-000000000000',
        StartingPosition: { Type: 'LATEST' },
      }),
    );
    const events: SubscribeToShardEvent[] = [];
    const reading = (async () => {
      for await (const event of EventStream ?? [])
        if (event.SubscribeToShardEvent) events.push(event.SubscribeToShardEvent);
    })();
    await put(kinesis, 'pushed');

    await clock.advanceBy(300_000);
    await reading;

    expect(events.flatMap(({ Records }) => Records ?? []).map((record) => record.PartitionKey)).toEqual([
      'pushed',
    ]);
    expect(events.length).toBeGreaterThan(50);
    expect(events.at(-1)?.ContinuationSequenceNumber).toBeDefined();
  });

  it('shows a message again when its visibility timeout is over', async () => {
    await using bundle = await setup();
    const { sqs, clock } = bundle;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'builds' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 3_600 }));
    const polled = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));

    await clock.advanceBy(20_000);
    const before = await polled;
    await clock.advanceBy(HOUR);
    const after = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 }));

    expect(before.Messages ?? []).toEqual([]);
    expect(after.Messages?.map(({ Body }) => Body)).toEqual(['x']);
  });

  it('takes a long poll back when its caller aborts', async () => {
    await using bundle = await setup();
    const { sqs } = bundle;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'builds' }));
    const abort = new AbortController();
    const polled = sqs
      .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: abort.signal })
      .catch((error: unknown) => error);
    await bundle.clock.settle();

    abort.abort();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));

    expect(await polled).toMatchObject({ name: 'AbortError' });
    expect(Messages?.[0]?.Body).toBe('kept');
  });

  it('takes ids from the chance it is given, so that a seeded run has the same ids again', async () => {
    const idOfFirst = async (): Promise<string | undefined> => {
      let draws = 0;
      const random = { next: () => (draws = (draws + 0.37) % 1) };
      await using aws = await createEmbeddedAws({ clock: createVirtualClock(), dynamodb: false, random });
      const sqs = new SQSClient({ ...aws.clientConfig, maxAttempts: 1 });
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
      return (await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }))).MessageId;
    };
    const id = await idOfFirst();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await idOfFirst()).toBe(id);
  });
});
