import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  QueryCommand,
  ScanCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { present, same, sameSet } from '../../fixtures/expectations.js';
import { dynamoApi, dynamoGuide } from '../../fixtures/pages.js';
import { createTable, getItem, putItem, type Item } from '../../fixtures/tables.js';

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
