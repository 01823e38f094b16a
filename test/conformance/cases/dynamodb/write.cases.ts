import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  type QueryCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { check, eventually, present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { dynamoApi, dynamoGuide } from '../../fixtures/pages.js';
import { createTable, getItem, numberOf, putItem, type Item } from '../../fixtures/tables.js';

const CONDITIONS = dynamoGuide('Expressions.ConditionExpressions');
const OPERATORS = dynamoGuide('Expressions.OperatorsAndFunctions');
const UPDATES = dynamoGuide('Expressions.UpdateExpressions');
const FAILED = 'ConditionalCheckFailedException';

const absentOnly = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

const update = (
  context: CaseContext,
  TableName: string,
  more: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
): Promise<{ readonly Attributes?: Item | undefined }> =>
  context.dynamodb.send(new UpdateItemCommand({ TableName, Key: { pk: { S: 'a' } }, ...more }));

const oldItemOf = (error: unknown): Item | undefined => (error as { readonly Item?: Item }).Item;

/** Writes with and without conditions. */
export const writeCases = caseGroup('dynamodb.write', {
  'PutItem and GetItem make the round trip of every type': {
    page: dynamoGuide('HowItWorks.NamingRulesDataTypes'),
    run: async (context) => {
      const table = await createTable(context);
      const item: Item = {
        pk: { S: 'a' },
        n: { N: '-12.5' },
        t: { BOOL: true },
        z: { NULL: true },
        l: { L: [{ S: 'x' }, { N: '1' }] },
        m: { M: { k: { S: 'v' } } },
      };
      await putItem(context, table, item);
      const got = present(await getItem(context, table, 'a'), 'the item');
      for (const [name, value] of Object.entries(item)) same(got[name], value, name);
    },
  },
  'sets and bytes make the round trip': {
    page: dynamoGuide('HowItWorks.NamingRulesDataTypes'),
    run: async (context) => {
      const table = await createTable(context);
      const b = new Uint8Array([0, 255]);
      await putItem(context, table, {
        pk: { S: 'a' },
        s: { SS: ['x', 'y'] },
        n: { NS: ['1', '2'] },
        b: { B: b },
      });
      const got = await getItem(context, table, 'a');
      sameSet(got?.s?.SS ?? [], ['x', 'y'], 's');
      sameSet(got?.n?.NS ?? [], ['1', '2'], 'n');
      same([...(got?.b?.B ?? [])], [0, 255], 'b');
    },
  },
  'numbers keep 38 digits': {
    page: dynamoGuide('HowItWorks.NamingRulesDataTypes'),
    run: async (context) => {
      const table = await createTable(context);
      const N = '12345678901234567890123456789012345678';
      await putItem(context, table, { pk: { S: 'a' }, n: { N } });
      same(numberOf(await getItem(context, table, 'a'), 'n'), N, 'n');
    },
  },
  'GetItem of an absent key gives no item': {
    page: dynamoApi('GetItem'),
    run: async (context) =>
      same(await getItem(context, await createTable(context), 'absent'), undefined, 'Item'),
  },
  'a projection gives what it names': {
    page: dynamoGuide('Expressions.ProjectionExpressions'),
    run: async (context) => {
      const TableName = await createTable(context);
      await putItem(context, TableName, {
        pk: { S: 'a' },
        m: { M: { k: { S: 'v' }, j: { S: 'w' } } },
        x: { S: 'y' },
      });
      const { Item: got } = await context.dynamodb.send(
        new GetItemCommand({ TableName, Key: { pk: { S: 'a' } }, ProjectionExpression: 'm.k' }),
      );
      same(got, { m: { M: { k: { S: 'v' } } } }, 'Item');
    },
  },
  'attribute_not_exists lets one of two puts through': {
    page: CONDITIONS,
    run: async (context) => {
      const TableName = await createTable(context);
      const put = (): Promise<unknown> =>
        context.dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' } }, ...absentOnly }));
      await put();
      await refusal(put(), FAILED);
    },
  },
  'one of many racing conditional puts wins': {
    page: CONDITIONS,
    run: async (context) => {
      const TableName = await createTable(context);
      const race = Array.from({ length: 20 }, (_, index) =>
        context.dynamodb.send(
          new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, by: { N: `${index}` } }, ...absentOnly }),
        ),
      );
      const won = (await Promise.allSettled(race)).filter(({ status }) => status === 'fulfilled');
      same(won.length, 1, 'winners');
    },
  },
  'a failed condition gives the item when asked for': {
    page: dynamoApi('PutItem'),
    run: async (context) => {
      const TableName = await createTable(context);
      await putItem(context, TableName, { pk: { S: 'a' }, owner: { S: 'wheel' } });
      const put = new PutItemCommand({
        TableName,
        Item: { pk: { S: 'a' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...absentOnly,
      });
      const error = await refusal(context.dynamodb.send(put), FAILED);
      same(oldItemOf(error)?.owner, { S: 'wheel' }, 'owner');
    },
  },
  'a failed update condition gives the item when asked for': {
    page: dynamoApi('UpdateItem'),
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' }, n: { N: '7' } });
      const attempt = update(context, table, {
        UpdateExpression: 'SET n = :new',
        ConditionExpression: 'n = :old',
        ExpressionAttributeValues: { ':new': { N: '9' }, ':old': { N: '8' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      same(numberOf(oldItemOf(await refusal(attempt, FAILED)), 'n'), '7', 'n');
    },
  },
  'a failed condition gives no item unless asked for': {
    page: dynamoApi('PutItem'),
    run: async (context) => {
      const TableName = await createTable(context);
      await putItem(context, TableName, { pk: { S: 'a' } });
      const put = new PutItemCommand({ TableName, Item: { pk: { S: 'a' } }, ...absentOnly });
      same(oldItemOf(await refusal(context.dynamodb.send(put), FAILED)), undefined, 'Item');
    },
  },
  'a condition on an absent item fails without an item': {
    page: dynamoApi('DeleteItem'),
    run: async (context) => {
      const TableName = await createTable(context);
      const remove = new DeleteItemCommand({
        TableName,
        Key: { pk: { S: 'absent' } },
        ConditionExpression: 'attribute_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      same(oldItemOf(await refusal(context.dynamodb.send(remove), FAILED)), undefined, 'Item');
    },
  },
  'DeleteItem of an absent item succeeds': {
    page: dynamoApi('DeleteItem'),
    run: async (context) => {
      const TableName = await createTable(context);
      await context.dynamodb.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'absent' } } }));
    },
  },
  'DeleteItem gives the old item when asked for': {
    page: dynamoApi('DeleteItem'),
    run: async (context) => {
      const TableName = await createTable(context);
      await putItem(context, TableName, { pk: { S: 'a' }, n: { N: '1' } });
      const { Attributes } = await context.dynamodb.send(
        new DeleteItemCommand({ TableName, Key: { pk: { S: 'a' } }, ReturnValues: 'ALL_OLD' }),
      );
      same(numberOf(Attributes, 'n'), '1', 'n');
      same(await getItem(context, TableName, 'a'), undefined, 'Item');
    },
  },
  'UpdateItem makes an item that is not there': {
    page: dynamoApi('UpdateItem'),
    run: async (context) => {
      const table = await createTable(context);
      await update(context, table, {
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      });
      same(await getItem(context, table, 'a'), { pk: { S: 'a' }, n: { N: '1' } }, 'Item');
    },
  },
  'thirty racing ADDs add up': {
    page: UPDATES,
    run: async (context) => {
      const table = await createTable(context);
      const add = (): Promise<unknown> =>
        update(context, table, {
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        });
      await Promise.all(Array.from({ length: 30 }, add));
      same(numberOf(await getItem(context, table, 'a'), 'n'), '30', 'n');
    },
  },
  'if_not_exists keeps what is there': {
    page: UPDATES,
    run: async (context) => {
      const table = await createTable(context);
      for (const value of ['1', '2']) {
        await update(context, table, {
          UpdateExpression: 'SET n = if_not_exists(n, :v)',
          ExpressionAttributeValues: { ':v': { N: value } },
        });
      }
      same(numberOf(await getItem(context, table, 'a'), 'n'), '1', 'n');
    },
  },
  'SET does arithmetic': {
    page: UPDATES,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' }, n: { N: '5' } });
      const { Attributes } = await update(context, table, {
        UpdateExpression: 'SET n = n - :v',
        ExpressionAttributeValues: { ':v': { N: '7' } },
        ReturnValues: 'UPDATED_NEW',
      });
      same(Attributes, { n: { N: '-2' } }, 'Attributes');
    },
  },
  'list_append appends': {
    page: UPDATES,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' }, l: { L: [{ S: 'x' }] } });
      await update(context, table, {
        UpdateExpression: 'SET l = list_append(l, :v)',
        ExpressionAttributeValues: { ':v': { L: [{ S: 'y' }] } },
      });
      same((await getItem(context, table, 'a'))?.l, { L: [{ S: 'x' }, { S: 'y' }] }, 'l');
    },
  },
  'REMOVE takes attributes away': {
    page: UPDATES,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' }, x: { S: '1' }, y: { S: '2' } });
      await update(context, table, { UpdateExpression: 'REMOVE x' });
      same(await getItem(context, table, 'a'), { pk: { S: 'a' }, y: { S: '2' } }, 'Item');
    },
  },
  'DELETE takes elements of a set away': {
    page: UPDATES,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' }, s: { SS: ['x', 'y'] } });
      await update(context, table, {
        UpdateExpression: 'DELETE s :v',
        ExpressionAttributeValues: { ':v': { SS: ['x'] } },
      });
      same((await getItem(context, table, 'a'))?.s, { SS: ['y'] }, 's');
    },
  },
  'ALL_NEW gives the whole item': {
    page: dynamoApi('UpdateItem'),
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' }, x: { S: '1' } });
      const { Attributes = {} } = await update(context, table, {
        UpdateExpression: 'SET y = :v',
        ExpressionAttributeValues: { ':v': { S: '2' } },
        ReturnValues: 'ALL_NEW',
      });
      sameSet(Object.keys(Attributes), ['pk', 'x', 'y'], 'attributes');
    },
  },
});

/** A condition that holds for the row's item, and one that does not. */
const conditionRows: Readonly<Record<string, readonly [holds: string, fails: string]>> = {
  equal: ['n = :five', 'n = :six'],
  'not equal': ['n <> :six', 'n <> :five'],
  less: ['n < :six', 'n < :five'],
  'at least': ['n >= :five', 'n >= :six'],
  BETWEEN: ['n BETWEEN :five AND :six', 'n BETWEEN :six AND :six'],
  IN: ['n IN (:five, :six)', 'n IN (:six)'],
  AND: ['n = :five AND attribute_exists(pk)', 'n = :five AND n = :six'],
  OR: ['n = :six OR n = :five', 'n = :six OR attribute_not_exists(pk)'],
  NOT: ['NOT n = :six', 'NOT n = :five'],
  attribute_exists: ['attribute_exists(m.k)', 'attribute_exists(m.absent)'],
  attribute_not_exists: ['attribute_not_exists(absent)', 'attribute_not_exists(n)'],
  attribute_type: ['attribute_type(n, :N)', 'attribute_type(t, :N)'],
  begins_with: ['begins_with(t, :mill)', 'begins_with(t, :race)'],
  contains: ['contains(t, :race)', 'contains(t, :N)'],
  size: ['size(t) > :five', 'size(t) > :hundred'],
  'a comparison of different types': ['t <> :five', 't = :five'],
};

/** Condition expressions, operator by operator. */
export const conditionCases = caseGroup(
  'dynamodb.condition',
  Object.fromEntries(
    Object.entries(conditionRows).map(([title, [holds, fails]]) => [
      title,
      {
        page: OPERATORS,
        run: async (context) => {
          const TableName = await createTable(context);
          const Item = { pk: { S: 'a' }, n: { N: '5' }, t: { S: 'millrace' }, m: { M: { k: { S: 'v' } } } };
          await putItem(context, TableName, Item);
          const values: Item = {
            ':five': { N: '5' },
            ':six': { N: '6' },
            ':hundred': { N: '100' },
            ':N': { S: 'N' },
            ':mill': { S: 'mill' },
            ':race': { S: 'race' },
          };
          const put = (ConditionExpression: string): Promise<unknown> => {
            const used = Object.entries(values).filter(([name]) => ConditionExpression.includes(name));
            return context.dynamodb.send(
              new PutItemCommand({
                TableName,
                Item,
                ConditionExpression,
                ...(used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) }),
              }),
            );
          };
          await put(holds);
          await refusal(put(fails), FAILED);
        },
      } satisfies CaseDeclaration,
    ]),
  ),
);

const sortedTable = async (context: CaseContext): Promise<string> => {
  const table = await createTable(context, { sorted: true });
  for (const sk of ['a1', 'a2', 'b1', 'b2']) await putItem(context, table, { pk: { S: 'p' }, sk: { S: sk } });
  await putItem(context, table, { pk: { S: 'q' }, sk: { S: 'a1' } });
  return table;
};

const query = async (
  context: CaseContext,
  TableName: string,
  more: Partial<QueryCommandInput> = {},
): Promise<{ readonly keys: readonly string[]; readonly last: Item | undefined }> => {
  const { Items = [], LastEvaluatedKey } = await context.dynamodb.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'p' } },
      ConsistentRead: true,
      ...more,
    }),
  );
  return { keys: Items.map(({ sk }) => sk?.S ?? ''), last: LastEvaluatedKey };
};

/** Reading many items. */
export const readCases = caseGroup('dynamodb.read', {
  'Query gives one partition in order': {
    page: dynamoApi('Query'),
    run: async (context) =>
      same((await query(context, await sortedTable(context))).keys, ['a1', 'a2', 'b1', 'b2'], 'keys'),
  },
  'Query goes backwards': {
    page: dynamoApi('Query'),
    run: async (context) => {
      const { keys } = await query(context, await sortedTable(context), { ScanIndexForward: false });
      same(keys, ['b2', 'b1', 'a2', 'a1'], 'keys');
    },
  },
  'Query takes begins_with on the sort key': {
    page: dynamoGuide('Query.KeyConditionExpressions'),
    run: async (context) => {
      const { keys } = await query(context, await sortedTable(context), {
        KeyConditionExpression: 'pk = :p AND begins_with(sk, :b)',
        ExpressionAttributeValues: { ':p': { S: 'p' }, ':b': { S: 'b' } },
      });
      same(keys, ['b1', 'b2'], 'keys');
    },
  },
  'Query pages with Limit and LastEvaluatedKey': {
    page: dynamoGuide('Query.Pagination'),
    run: async (context) => {
      const table = await sortedTable(context);
      const first = await query(context, table, { Limit: 3 });
      same(first.keys, ['a1', 'a2', 'b1'], 'the first page');
      const second = await query(context, table, {
        ExclusiveStartKey: present(first.last, 'LastEvaluatedKey'),
      });
      same([second.keys, second.last], [['b2'], undefined], 'the second page');
    },
  },
  'Scan filters and counts what it looked at': {
    page: dynamoApi('Scan'),
    run: async (context) => {
      const { Count, ScannedCount } = await context.dynamodb.send(
        new ScanCommand({
          TableName: await sortedTable(context),
          FilterExpression: 'sk = :a',
          ExpressionAttributeValues: { ':a': { S: 'a1' } },
        }),
      );
      same([Count, ScannedCount], [2, 5], 'counts');
    },
  },
  'segments of a parallel scan give every item once': {
    page: dynamoApi('Scan'),
    run: async (context) => {
      const TableName = await createTable(context);
      const keys = Array.from({ length: 12 }, (_, index) => `k${index}`);
      for (const key of keys) await putItem(context, TableName, { pk: { S: key } });
      const segments = await Promise.all(
        [0, 1, 2].map((Segment) =>
          context.dynamodb.send(new ScanCommand({ TableName, Segment, TotalSegments: 3 })),
        ),
      );
      sameSet(
        segments.flatMap(({ Items = [] }) => Items.map(({ pk }) => pk?.S ?? '')),
        keys,
        'keys',
      );
    },
  },
  'BatchWriteItem puts and deletes': {
    page: dynamoApi('BatchWriteItem'),
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'old' } });
      const RequestItems = {
        [table]: [
          { PutRequest: { Item: { pk: { S: 'new' } } } },
          { DeleteRequest: { Key: { pk: { S: 'old' } } } },
        ],
      };
      const { UnprocessedItems } = await context.dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
      same(UnprocessedItems ?? {}, {}, 'UnprocessedItems');
      same(
        [await getItem(context, table, 'old'), (await getItem(context, table, 'new'))?.pk?.S],
        [undefined, 'new'],
        'items',
      );
    },
  },
  'BatchGetItem gives what is there': {
    page: dynamoApi('BatchGetItem'),
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' } });
      const Keys = ['a', 'absent'].map((pk) => ({ pk: { S: pk } }));
      const { Responses } = await context.dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys } } }),
      );
      same(Responses?.[table], [{ pk: { S: 'a' } }], 'Responses');
    },
  },
});

/** A call that must be refused. */
type Attempt = (context: CaseContext, TableName: string) => Promise<unknown>;

const manyPuts = (count: number): { PutRequest: { Item: Item } }[] =>
  Array.from({ length: count }, (_, index) => ({ PutRequest: { Item: { pk: { S: `k${index}` } } } }));

const invalid: Readonly<Record<string, Attempt>> = {
  'a put without its key': (context, table) => putItem(context, table, { x: { S: '1' } }),
  'a put with a key of another type': (context, table) => putItem(context, table, { pk: { N: '1' } }),
  'a put with an empty key': (context, table) => putItem(context, table, { pk: { S: '' } }),
  'a put of more than 400 KB': (context, table) =>
    putItem(context, table, { pk: { S: 'a' }, x: { S: 'x'.repeat(409_600) } }),
  'a put of a number that is none': (context, table) =>
    putItem(context, table, { pk: { S: 'a' }, n: { N: 'wheel' } }),
  'a put of an empty set': (context, table) => putItem(context, table, { pk: { S: 'a' }, s: { SS: [] } }),
  'a get with more than its key': (context, table) =>
    getItem(context, table, { pk: { S: 'a' }, x: { S: '1' } }),
  'an update of the key': (context, table) =>
    update(context, table, {
      UpdateExpression: 'SET pk = :v',
      ExpressionAttributeValues: { ':v': { S: 'b' } },
    }),
  'a reserved word in an expression': (context, table) =>
    update(context, table, {
      UpdateExpression: 'SET status = :v',
      ExpressionAttributeValues: { ':v': { S: 'b' } },
    }),
  'an expression value that is not used': (context, table) =>
    update(context, table, { UpdateExpression: 'REMOVE x', ExpressionAttributeValues: { ':v': { S: 'b' } } }),
  'an expression name that is not given': (context, table) =>
    update(context, table, { UpdateExpression: 'REMOVE #x' }),
  'ADD to text': async (context, table) => {
    await putItem(context, table, { pk: { S: 'a' }, x: { S: 'text' } });
    return update(context, table, {
      UpdateExpression: 'ADD x :v',
      ExpressionAttributeValues: { ':v': { N: '1' } },
    });
  },
  'SET of an absent operand': (context, table) => update(context, table, { UpdateExpression: 'SET x = y' }),
  'BatchWriteItem of 26 items': (context, table) =>
    context.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: manyPuts(26) } })),
  'BatchWriteItem with one key twice': (context, table) =>
    context.dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: [...manyPuts(1), ...manyPuts(1)] } }),
    ),
  'a query without the partition key': (context, table) =>
    context.dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'x = :v',
        ExpressionAttributeValues: { ':v': { S: '1' } },
      }),
    ),
};

/** Calls that DynamoDB refuses, and tables. */
export const tableCases = caseGroup('dynamodb.table', {
  ...Object.fromEntries(
    Object.entries(invalid).map(([title, attempt]) => [
      `${title}: ValidationException`,
      {
        page: dynamoGuide('Programming.Errors'),
        run: async (context) =>
          await refusal(attempt(context, await createTable(context)), 'ValidationException'),
      } satisfies CaseDeclaration,
    ]),
  ),
  'an unknown table: ResourceNotFoundException': {
    page: dynamoApi('PutItem'),
    run: async (context) =>
      await refusal(
        putItem(context, context.unique('absent'), { pk: { S: 'a' } }),
        'ResourceNotFoundException',
      ),
  },
  'a table name in use: ResourceInUseException': {
    page: dynamoApi('CreateTable'),
    run: async (context) => {
      const TableName = await createTable(context);
      const again = new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      });
      await refusal(context.dynamodb.send(again), 'ResourceInUseException');
    },
  },
  'a deleted table is not found': {
    page: dynamoApi('DeleteTable'),
    run: async (context) => {
      const TableName = await createTable(context);
      await context.dynamodb.send(new DeleteTableCommand({ TableName }));
      await eventually(() =>
        refusal(context.dynamodb.send(new DescribeTableCommand({ TableName })), 'ResourceNotFoundException'),
      );
    },
  },
  'an on-demand table says so': {
    page: dynamoApi('DescribeTable'),
    run: async (context) => {
      const TableName = await createTable(context);
      const { Table } = await context.dynamodb.send(new DescribeTableCommand({ TableName }));
      same(Table?.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST', 'BillingMode');
      check(
        Table?.TableArn?.endsWith(`table/${TableName}`) === true,
        `TableArn is ${Table?.TableArn ?? 'missing'}`,
      );
    },
  },
});

const setTtl = (context: CaseContext, TableName: string, Enabled: boolean): Promise<unknown> =>
  context.dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled },
    }),
  );

/** Items that end. */
export const ttlCases = caseGroup('dynamodb.ttl', {
  'TTL is disabled on a new table': {
    page: dynamoApi('DescribeTimeToLive'),
    run: async (context) => {
      const TableName = await createTable(context);
      const { TimeToLiveDescription } = await context.dynamodb.send(
        new DescribeTimeToLiveCommand({ TableName }),
      );
      same(TimeToLiveDescription?.TimeToLiveStatus, 'DISABLED', 'TimeToLiveStatus');
    },
  },
  'TTL is enabled on an attribute': {
    page: dynamoApi('UpdateTimeToLive'),
    run: async (context) => {
      const TableName = await createTable(context);
      await setTtl(context, TableName, true);
      const { TimeToLiveDescription } = await context.dynamodb.send(
        new DescribeTimeToLiveCommand({ TableName }),
      );
      const description = present(TimeToLiveDescription, 'TimeToLiveDescription');
      same(description.AttributeName, 'expires', 'AttributeName');
      check(['ENABLED', 'ENABLING'].includes(description.TimeToLiveStatus ?? ''), 'it is not enabled');
    },
  },
  'enabling TTL twice is refused': {
    page: dynamoApi('UpdateTimeToLive'),
    run: async (context) => {
      const TableName = await createTable(context);
      await setTtl(context, TableName, true);
      await refusal(setTtl(context, TableName, true), 'ValidationException');
    },
  },
  'an expired item can still be read for a while': {
    page: dynamoGuide('TTL'),
    run: async (context) => {
      const table = await createTable(context);
      await setTtl(context, table, true);
      await putItem(context, table, {
        pk: { S: 'a' },
        expires: { N: `${Math.floor(Date.now() / 1_000) - 10}` },
      });
      same((await getItem(context, table, 'a'))?.pk?.S, 'a', 'pk');
    },
  },
  'an expired item is deleted within days': {
    page: dynamoGuide('TTL'),
    needs: ['clock'],
    run: async (context) => {
      const table = await createTable(context);
      await setTtl(context, table, true);
      const inAnHour = Math.floor(Date.now() / 1_000) + 3_600;
      await putItem(context, table, { pk: { S: 'ends' }, expires: { N: `${inAnHour}` } });
      await putItem(context, table, { pk: { S: 'stays' }, expires: { S: `${inAnHour}` } });
      await context.advance(3 * 86_400_000);
      await eventually(async () => {
        await context.advance(3_600_000);
        same(await getItem(context, table, 'ends'), undefined, 'Item');
      });
      same((await getItem(context, table, 'stays'))?.pk?.S, 'stays', 'pk');
    },
  },
});
