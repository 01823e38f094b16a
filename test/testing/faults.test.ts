import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createLocalAws, type LocalAws } from '../../lib/testing/local-aws.js';
import type { FaultRule } from '../../lib/testing/index.js';

interface Bundle extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly kinesis: KinesisClient;
  readonly sqs: SQSClient;
}

/** A linear congruential generator: the same faults at every run. */
const seeded = (seed: number) => {
  let state = seed;
  return {
    next: () => {
      state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
      return state / 4_294_967_296;
    },
  };
};

async function setup(): Promise<Bundle> {
  const aws = await createLocalAws({ transitionMs: 0, dynamodb: false, random: seeded(7) });
  const config = { ...aws.clientConfig, maxAttempts: 1 };
  const kinesis = new KinesisClient(config);
  const sqs = new SQSClient(config);
  await kinesis.send(new CreateStreamCommand({ StreamName: 'flights', ShardCount: 1 }));
  return {
    aws,
    kinesis,
    sqs,
    [Symbol.asyncDispose]: async () => {
      kinesis.destroy();
      sqs.destroy();
      await aws.close();
    },
  };
}

const put = new PutRecordCommand({ StreamName: 'flights', Data: Buffer.from('x'), PartitionKey: 'x' });

async function read(kinesis: KinesisClient) {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: 'flights',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  return kinesis.send(new GetRecordsCommand({ ShardIterator }));
}

const countRecords = async (kinesis: KinesisClient) => (await read(kinesis)).Records?.length;

describe('faults', () => {
  it('are off by default', async () => {
    await using bundle = await setup();

    await bundle.kinesis.send(put);

    expect(bundle.aws.faults.rules).toEqual([]);
    expect(bundle.aws.faults.injected).toEqual({});
  });

  it('throttle as often as told, each service in its own words', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    aws.faults.set([{ service: 'kinesis', operation: 'PutRecord', times: 1, effect: { kind: 'throttle' } }]);

    await expect(kinesis.send(put)).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    await kinesis.send(put);

    expect(aws.faults.injected).toEqual({ throttle: 1 });
    expect(await countRecords(kinesis)).toBe(1);
  });

  it('fail before the effect, or after it', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    aws.faults.set([
      { operation: 'PutRecord', times: 1, effect: { kind: 'error', when: 'before' } },
      { operation: 'PutRecord', times: 1, effect: { kind: 'error', when: 'after' } },
    ]);

    await expect(kinesis.send(put)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    const afterFirst = await countRecords(kinesis);
    await expect(kinesis.send(put)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });

    expect(afterFirst).toBe(0);
    expect(await countRecords(kinesis)).toBe(1);
  });

  it('refuse some entries of PutRecords and keep the others in their places', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    aws.faults.set([{ operation: 'PutRecords', effect: { kind: 'throttle-entries', share: 0.5 } }]);
    const Records = Array.from({ length: 40 }, (_, index) => ({
      Data: Buffer.from(String(index)),
      PartitionKey: 'k',
    }));

    const answer = await kinesis.send(new PutRecordsCommand({ StreamName: 'flights', Records }));
    const kept = Records.filter((_, index) => answer.Records?.[index]?.SequenceNumber !== undefined);
    const got = (await read(kinesis)).Records?.map(({ Data }) => Buffer.from(Data ?? []).toString());

    expect(answer.FailedRecordCount).toBe(40 - kept.length);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThan(35);
    expect(got).toEqual(kept.map(({ Data }) => Data.toString()));
  });

  it('refuse entries of an SQS batch by id', async () => {
    await using bundle = await setup();
    const { aws, sqs } = bundle;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'builds' }));
    aws.faults.set([{ resource: 'builds', effect: { kind: 'throttle-entries', share: 1 } }]);

    const answer = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] }),
    );

    expect(answer.Failed).toEqual([
      expect.objectContaining({ Id: 'a', SenderFault: false, Code: 'RequestThrottled' }),
    ]);
  });

  it('reset the connection after the effect', async () => {
    await using bundle = await setup();
    const { aws, sqs } = bundle;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'builds' }));
    aws.faults.set([{ operation: 'SendMessage', times: 1, effect: { kind: 'reset', when: 'after' } }]);

    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toThrow(
      'ECONNRESET',
    );
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));

    expect(Messages?.[0]?.Body).toBe('x');
  });

  it('reset an HTTP/2 stream in the middle of the body', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    aws.faults.set([
      { operation: 'PutRecord', times: 1, effect: { kind: 'reset', when: 'after', afterBytes: 5 } },
    ]);

    await expect(kinesis.send(put)).rejects.toThrow();

    expect(await countRecords(kinesis)).toBe(1);
  });

  it.each([-3_600_000, 3_600_000])(
    'turn the clock of a service by %d ms, which a client learns from its refusal',
    async (skewMs) => {
      await using bundle = await setup();
      const { aws, kinesis } = bundle;
      aws.faults.set([{ effect: { kind: 'skewed-clock', skewMs } }]);
      const codes: (string | undefined)[] = [];
      aws.calls.subscribe(({ code }) => void codes.push(code));
      const patient = new SQSClient({ ...aws.clientConfig, maxAttempts: 2 });

      await expect(kinesis.send(put)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
      await patient.send(new CreateQueueCommand({ QueueName: 'builds' }));
      patient.destroy();

      expect(codes).toEqual(['InvalidSignatureException', 'InvalidSignatureException', undefined]);
    },
  );

  it('turn the clock of a service too little for anybody to mind', async () => {
    await using bundle = await setup();
    bundle.aws.faults.set([{ effect: { kind: 'skewed-clock', skewMs: 240_000 } }]);

    await bundle.kinesis.send(put);

    expect(bundle.aws.faults.injected).toEqual({ 'skewed-clock': 1 });
  });

  it('leave a call without an answer, until its caller gives up', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    aws.faults.set([{ operation: 'PutRecord', times: 1, effect: { kind: 'silence', when: 'before' } }]);

    const answer = kinesis.send(put, { requestTimeout: 100 });

    await expect(answer).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await countRecords(kinesis)).toBe(0);
  });

  it('answer a read with what it answered before', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    const list = () => kinesis.send(new ListShardsCommand({ StreamName: 'flights', MaxResults: 10 }));
    aws.faults.set([{ operation: 'GetRecords', effect: { kind: 'stale' } }]);
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: 'flights',
        ShardId: (await list()).Shards?.[0]?.ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    const reading = () => kinesis.send(new GetRecordsCommand({ ShardIterator }));
    await reading();
    await kinesis.send(put);

    const stale = await reading();
    const later = await reading();

    expect(stale.Records).toEqual([]);
    expect(later.Records).toHaveLength(1);
  });

  it('answer an empty page that goes on at the same place', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    await kinesis.send(put);
    aws.faults.set([{ operation: 'GetRecords', times: 1, effect: { kind: 'empty-page' } }]);

    const empty = await read(kinesis);
    const next = await kinesis.send(new GetRecordsCommand({ ShardIterator: empty.NextShardIterator }));

    expect(empty.Records).toEqual([]);
    expect(next.Records).toHaveLength(1);
  });

  it('strike with hazards inside the engine', async () => {
    await using bundle = await setup();
    const { aws, sqs } = bundle;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'builds' }));
    aws.faults.set([{ operation: 'SendMessage', times: 1, effect: { kind: 'hazard', hazard: 'duplicate' } }]);

    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'twice' }));
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );

    expect(Messages?.map(({ Body }) => Body)).toEqual(['twice', 'twice']);
  });

  it('break an event stream in the middle of an event', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    await kinesis.send(put);
    const { Consumer } = await kinesis.send(
      new RegisterStreamConsumerCommand({
        StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/flights',
        ConsumerName: 'delays',
      }),
    );
    aws.faults.set([
      { operation: 'SubscribeToShard', times: 1, effect: { kind: 'reset', when: 'after', afterBytes: 200 } },
    ]);

    const subscribed = async () => {
      const { EventStream } = await kinesis.send(
        new SubscribeToShardCommand({
          ConsumerARN: Consumer?.ConsumerARN,
          ShardId: 'shardId-000000000000',
          StartingPosition: { Type: 'TRIM_HORIZON' },
        }),
      );
      const records: unknown[] = [];
      for await (const event of EventStream ?? [])
        records.push(...(event.SubscribeToShardEvent?.Records ?? []));
      return records;
    };

    await expect(subscribed()).rejects.toThrow();
  });

  it('leave writes of a DynamoDB batch unprocessed', async () => {
    await using aws = await createLocalAws({ random: seeded(3) });
    const dynamo = new DynamoDBClient({ ...aws.clientConfig, maxAttempts: 1 });
    await dynamo.send(
      new CreateTableCommand({
        TableName: 'jobs',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    await waitUntilTableExists({ client: dynamo, maxWaitTime: 5, minDelay: 1 }, { TableName: 'jobs' });
    aws.faults.set([{ service: 'dynamodb', effect: { kind: 'throttle-entries', share: 0.5 } }]);
    const writes = Array.from({ length: 20 }, (_, index) => ({
      PutRequest: { Item: { id: { S: String(index) } } },
    }));

    const { UnprocessedItems } = await dynamo.send(
      new BatchWriteItemCommand({ RequestItems: { jobs: writes } }),
    );
    const { Count } = await dynamo.send(new ScanCommand({ TableName: 'jobs' }));
    dynamo.destroy();

    const left = UnprocessedItems?.['jobs']?.length ?? 0;
    expect(left).toBeGreaterThan(0);
    expect(Count).toBe(20 - left);
  });

  it('strike the same calls when the seed is the same', async () => {
    const strike = async () => {
      await using bundle = await setup();
      bundle.aws.faults.set([{ operation: 'PutRecord', probability: 0.5, effect: { kind: 'throttle' } }]);
      const outcomes: boolean[] = [];
      for (let call = 0; call < 12; call += 1)
        outcomes.push(
          await bundle.kinesis.send(put).then(
            () => true,
            () => false,
          ),
        );
      return outcomes;
    };

    const [first, second] = [await strike(), await strike()];

    expect(first).toEqual(second);
    expect(new Set(first).size).toBe(2);
  });

  it('can be set and taken away over HTTP', async () => {
    await using bundle = await setup();
    const { aws, kinesis } = bundle;
    const url = `${aws.endpoint}/_millrace/faults`;
    const rules: FaultRule[] = [{ operation: 'PutRecord', effect: { kind: 'throttle' } }];

    const set = await fetch(url, { method: 'PUT', body: JSON.stringify(rules) });
    await expect(kinesis.send(put)).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    const shown: unknown = await (await fetch(url)).json();
    await fetch(url, { method: 'DELETE' });
    await kinesis.send(put);

    expect(set.status).toBe(200);
    expect(shown).toEqual({ rules, injected: { throttle: 1 } });
  });

  it('rejects rules that make no sense', async () => {
    await using bundle = await setup();
    const wrong = [{ service: 's3', probability: 2, effect: { kind: 'fire' } }];

    const answer = await fetch(`${bundle.aws.endpoint}/_millrace/faults`, {
      method: 'PUT',
      body: JSON.stringify(wrong),
    });

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('probability');
  });
});
