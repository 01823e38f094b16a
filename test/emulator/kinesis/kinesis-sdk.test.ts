import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
} from '@aws-sdk/client-kinesis';
import { createLocalAws, type LocalAws } from '../../../lib/testing/local-aws.js';

interface Bundle extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly kinesis: KinesisClient;
}

/** An unmodified client: it speaks HTTP/2 with prior knowledge by default. */
async function setup(): Promise<Bundle> {
  const aws = await createLocalAws({ transitionMs: 0 });
  const kinesis = new KinesisClient(aws.clientConfig);
  return {
    aws,
    kinesis,
    [Symbol.asyncDispose]: async () => {
      kinesis.destroy();
      await aws.close();
    },
  };
}

async function readAll(kinesis: KinesisClient, StreamName: string, ShardId: string) {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  return kinesis.send(new GetRecordsCommand({ ShardIterator }));
}

describe('Kinesis through the SDK', () => {
  it('gives back what was put, in order, through the default HTTP/2 transport', async () => {
    await using bundle = await setup();
    const { kinesis } = bundle;
    await kinesis.send(new CreateStreamCommand({ StreamName: 'flights', ShardCount: 1 }));
    const sent = ['a', 'b', 'c'].map((text) => ({ Data: Buffer.from(text), PartitionKey: text }));

    const put = await kinesis.send(new PutRecordsCommand({ StreamName: 'flights', Records: sent }));
    const got = await readAll(kinesis, 'flights', 'shardId-000000000000');

    expect(put.FailedRecordCount).toBe(0);
    expect(got.Records?.map(({ Data }) => Buffer.from(Data ?? []).toString())).toEqual(['a', 'b', 'c']);
    expect(got.MillisBehindLatest).toBe(0);
    expect(got.NextShardIterator).toBeDefined();
    expect(got.Records?.[0]?.ApproximateArrivalTimestamp).toBeInstanceOf(Date);
  });

  it('names a refusal by its shape', async () => {
    await using bundle = await setup();

    const refused = bundle.kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'nothing' }));

    await expect(refused).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('pushes records and the end of the shard to a subscriber, then ends the stream', async () => {
    await using bundle = await setup();
    const { kinesis } = bundle;
    await kinesis.send(new CreateStreamCommand({ StreamName: 'flights', ShardCount: 1 }));
    const summary = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'flights' }));
    const StreamARN = summary.StreamDescriptionSummary?.StreamARN;
    const { Consumer } = await kinesis.send(
      new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'delays' }),
    );
    const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName: 'flights' }));
    const ShardId = Shards?.[0]?.ShardId;
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: 'flights',
        Records: [{ Data: Buffer.from('one'), PartitionKey: 'k' }],
      }),
    );
    await kinesis.send(
      new SplitShardCommand({
        StreamName: 'flights',
        ShardToSplit: ShardId,
        NewStartingHashKey: (2n ** 127n).toString(),
      }),
    );

    const { EventStream } = await kinesis.send(
      new SubscribeToShardCommand({
        ConsumerARN: Consumer?.ConsumerARN,
        ShardId,
        StartingPosition: { Type: 'TRIM_HORIZON' },
      }),
    );
    const events: SubscribeToShardEvent[] = [];
    for await (const event of EventStream ?? [])
      if (event.SubscribeToShardEvent) events.push(event.SubscribeToShardEvent);

    const records = events.flatMap((event) => event.Records ?? []);
    expect(records.map(({ Data }) => Buffer.from(Data ?? []).toString())).toEqual(['one']);
    expect(events.at(-1)?.ChildShards?.map((child) => child.ShardId)).toEqual([
      'shardId-000000000001',
      'shardId-000000000002',
    ]);
    expect(events.at(-1)?.ContinuationSequenceNumber).toBeUndefined();
  });
});
