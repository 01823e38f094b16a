import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { createLocalAws, type LocalAws } from '../../../lib/testing/local-aws.js';

interface Bundle extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly dynamo: DynamoDBClient;
}

async function setup(): Promise<Bundle> {
  const aws = await createLocalAws({ region: 'eu-central-1', accountId: '123456789012' });
  const dynamo = new DynamoDBClient({ ...aws.clientConfig, maxAttempts: 1 });
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'jobs',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await untilActive(dynamo);
  return {
    aws,
    dynamo,
    [Symbol.asyncDispose]: async () => {
      dynamo.destroy();
      await aws.close();
    },
  };
}

async function untilActive(dynamo: DynamoDBClient): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: 'jobs' }));
    if (Table?.TableStatus === 'ACTIVE') return;
  }
  throw new Error('the table did not become ACTIVE');
}

const put = (id: string, condition?: string): TransactWriteItem => ({
  Put: {
    TableName: 'jobs',
    Item: { id: { S: id }, by: { S: 'transaction' } },
    ...(condition !== undefined && {
      ConditionExpression: condition,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    }),
  },
});

const idsOf = async (dynamo: DynamoDBClient): Promise<(string | undefined)[]> => {
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: 'jobs' }));
  return Items.map((item) => item['id']?.S).sort();
};

describe('DynamoDB through the SDK', () => {
  it('names its tables by the account and region it was given', async () => {
    await using bundle = await setup();

    const { Table } = await bundle.dynamo.send(new DescribeTableCommand({ TableName: 'jobs' }));

    expect(Table?.TableArn).toBe('arn:aws:dynamodb:eu-central-1:123456789012:table/jobs');
  });

  it('writes all items of a transaction', async () => {
    await using bundle = await setup();

    await bundle.dynamo.send(new TransactWriteItemsCommand({ TransactItems: [put('a'), put('b')] }));

    expect(await idsOf(bundle.dynamo)).toEqual(['a', 'b']);
  });

  it('writes none when one condition fails, and says which, with the item that was asked for', async () => {
    await using bundle = await setup();
    const { dynamo } = bundle;
    await dynamo.send(
      new PutItemCommand({ TableName: 'jobs', Item: { id: { S: 'b' }, by: { S: 'before' } } }),
    );

    const refused = dynamo.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          put('a'),
          put('b', 'attribute_not_exists(id)'),
          {
            ConditionCheck: {
              TableName: 'jobs',
              Key: { id: { S: 'c' } },
              ConditionExpression: 'attribute_not_exists(id)',
            },
          },
        ],
      }),
    );

    await expect(refused).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Item: { id: { S: 'b' }, by: { S: 'before' } } },
        { Code: 'None' },
      ],
    });
    expect(await idsOf(dynamo)).toEqual(['b']);
    const { Item } = await dynamo.send(new GetItemCommand({ TableName: 'jobs', Key: { id: { S: 'b' } } }));
    expect(Item?.['by']?.S).toBe('before');
  });

  it('leaves no trace of a condition check that holds', async () => {
    await using bundle = await setup();

    await bundle.dynamo.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          put('a'),
          {
            ConditionCheck: {
              TableName: 'jobs',
              Key: { id: { S: 'c' } },
              ConditionExpression: 'attribute_not_exists(id)',
            },
          },
        ],
      }),
    );

    expect(await idsOf(bundle.dynamo)).toEqual(['a']);
  });

  it('does a transaction with the same client token once', async () => {
    await using bundle = await setup();
    const { dynamo } = bundle;
    const addOne: TransactWriteItem = {
      Update: {
        TableName: 'jobs',
        Key: { id: { S: 'count' } },
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    };
    const command = new TransactWriteItemsCommand({ TransactItems: [addOne], ClientRequestToken: 'token' });

    await dynamo.send(command);
    await dynamo.send(command);

    const { Item } = await dynamo.send(
      new GetItemCommand({ TableName: 'jobs', Key: { id: { S: 'count' } } }),
    );
    expect(Item?.['n']?.N).toBe('1');
  });

  it('rejects a client token that comes with another transaction', async () => {
    await using bundle = await setup();
    const { dynamo } = bundle;
    await dynamo.send(
      new TransactWriteItemsCommand({ TransactItems: [put('a')], ClientRequestToken: 'token' }),
    );

    const refused = dynamo.send(
      new TransactWriteItemsCommand({ TransactItems: [put('b')], ClientRequestToken: 'token' }),
    );

    await expect(refused).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
  });

  it('rejects two operations on one item in a transaction', async () => {
    await using bundle = await setup();

    const refused = bundle.dynamo.send(
      new TransactWriteItemsCommand({ TransactItems: [put('a'), put('a')] }),
    );

    await expect(refused).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('never shows half a transaction to reads beside it', async () => {
    await using bundle = await setup();
    const { dynamo } = bundle;
    const set = (id: string, n: number): TransactWriteItem => ({
      Put: { TableName: 'jobs', Item: { id: { S: id }, n: { N: String(n) } } },
    });
    const writes = Array.from({ length: 30 }, (_, n) =>
      dynamo.send(new TransactWriteItemsCommand({ TransactItems: [set('a', n), set('b', n)] })),
    );
    const reads = Array.from({ length: 30 }, () =>
      dynamo.send(
        new TransactGetItemsCommand({
          TransactItems: ['a', 'b'].map((id) => ({ Get: { TableName: 'jobs', Key: { id: { S: id } } } })),
        }),
      ),
    );

    await Promise.all(writes);
    const pairs = (await Promise.all(reads)).map(({ Responses }) =>
      Responses?.map(({ Item }) => Item?.['n']?.N),
    );

    expect(pairs.filter((pair) => pair?.[0] !== pair?.[1])).toEqual([]);
  });

  it('gives back the item a failed condition met', async () => {
    await using bundle = await setup();
    const { dynamo } = bundle;
    await dynamo.send(new PutItemCommand({ TableName: 'jobs', Item: { id: { S: 'a' }, n: { N: '7' } } }));

    const refused = dynamo.send(
      new UpdateItemCommand({
        TableName: 'jobs',
        Key: { id: { S: 'a' } },
        UpdateExpression: 'SET n = :n',
        ConditionExpression: 'attribute_not_exists(id)',
        ExpressionAttributeValues: { ':n': { N: '8' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );

    await expect(refused).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { id: { S: 'a' }, n: { N: '7' } },
    });
  });

  it('keeps time to live, backups and deletion protection as they were set', async () => {
    await using bundle = await setup();
    const { dynamo } = bundle;
    const TableName = 'jobs';

    await dynamo.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      }),
    );
    await dynamo.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
    const updated = await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));

    const ttl = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
    const backups = await dynamo.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
    expect(
      backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
    ).toBe('ENABLED');
    expect(updated.TableDescription?.DeletionProtectionEnabled).toBe(true);
    await expect(dynamo.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('refuses by name what it does not do', async () => {
    await using bundle = await setup();
    const { dynamo } = bundle;

    const query = dynamo.send(
      new QueryCommand({
        TableName: 'none',
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: 'a' } },
      }),
    );

    await expect(query).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
