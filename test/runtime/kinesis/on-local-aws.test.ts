import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  MergeShardsCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import {
  createStreamProducer,
  createStreamReader,
  type StreamReaderOptions,
} from '../../../lib/runtime/index.js';
import { createLocalAws, type LocalAws } from '../../../lib/testing/index.js';
import { Flight, readerBinding, streamBinding, type FlightData } from './support/fleet.js';
import { createLeaseTable } from './support/local-table.js';

let aws: LocalAws;
let kinesis: KinesisClient;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  aws = await createLocalAws({ limits: 'off', transitionMs: 0 });
  kinesis = new KinesisClient(aws.clientConfig);
  dynamodb = new DynamoDBClient(aws.clientConfig);
  for (const name of ['leases', 'totals']) await createLeaseTable(dynamodb, name);
  await kinesis.send(new CreateStreamCommand({ StreamName: 'flights', ShardCount: 2 }));
});

afterAll(async () => {
  kinesis.destroy();
  dynamodb.destroy();
  await aws.close();
});

describe('a producer and two workers over the SDK', () => {
  it('count every flight once while the stream is resharded and one worker leaves', async () => {
    const { StreamDescriptionSummary: summary } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: 'flights' }),
    );
    const local = { region: aws.region, endpoint: aws.endpoint };
    const arn = summary!.StreamARN!;
    const producer = createStreamProducer({
      stream: { ...streamBinding, ...local, arn },
      record: Flight,
      kinesis,
    });
    let handled = 0;
    const options: StreamReaderOptions<FlightData> = {
      reader: { ...readerBinding, ...local, stream: { ...readerBinding.stream, arn } },
      record: Flight,
      kinesis,
      dynamodb,
      leasePollMs: 50,
      idlePollMs: 20,
      busyPollMs: 5,
      handler: async (records, ctx) => {
        await ctx.commit([
          {
            Update: {
              TableName: 'totals',
              Key: { leaseKey: { S: 'flights' } },
              UpdateExpression: 'ADD flights :n',
              ExpressionAttributeValues: { ':n': { N: String(records.length) } },
            },
          },
        ]);
        handled += records.length;
      },
    };
    const readers = [createStreamReader(options), createStreamReader(options)];
    const running = readers.map((reader) => reader.run());
    const put = (from: number, to: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: to - from }, (_, n) => producer.put({ origin: `A${n % 50}`, n: from + n })),
      );
    await put(0, 500);
    await kinesis.send(
      new UpdateShardCountCommand({
        StreamName: 'flights',
        TargetShardCount: 4,
        ScalingType: 'UNIFORM_SCALING',
      }),
    );
    await put(500, 1_000);
    await readers[0]!.stop();
    const lowest = { ShardToMerge: 'shardId-000000000002', AdjacentShardToMerge: 'shardId-000000000003' };
    await kinesis.send(new MergeShardsCommand({ StreamName: 'flights', ...lowest }));
    await put(1_000, 1_500);
    await producer.stop();
    while (handled < 1_500) await new Promise((resolve) => setImmediate(resolve));
    await readers[1]!.stop();
    await Promise.all(running);
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: 'totals', Key: { leaseKey: { S: 'flights' } } }),
    );
    expect(Item?.flights).toEqual({ N: '1500' });
    expect(handled).toBe(1_500);
  });

  it('rejects a stream that does not exist, in words', async () => {
    const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/nope';
    const reader = createStreamReader({
      reader: {
        ...readerBinding,
        region: aws.region,
        endpoint: aws.endpoint,
        stream: { ...readerBinding.stream, arn },
      },
      record: Flight,
      kinesis,
      dynamodb,
      handler: () => Promise.resolve(),
    });
    await expect(reader.run()).rejects.toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      message: expect.stringContaining("start reader 'Flights/delays'") as string,
    });
  });
});
