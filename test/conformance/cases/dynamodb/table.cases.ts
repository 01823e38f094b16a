import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';

import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { check, eventually, refusal, same } from '../../fixtures/expectations.js';
import { dynamoApi, dynamoGuide } from '../../fixtures/pages.js';
import { createTable, getItem, putItem, updateItem, type Item } from '../../fixtures/tables.js';

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
    updateItem(context, table, {
      UpdateExpression: 'SET pk = :v',
      ExpressionAttributeValues: { ':v': { S: 'b' } },
    }),
  'a reserved word in an expression': (context, table) =>
    updateItem(context, table, {
      UpdateExpression: 'SET status = :v',
      ExpressionAttributeValues: { ':v': { S: 'b' } },
    }),
  'an expression value that is not used': (context, table) =>
    updateItem(context, table, {
      UpdateExpression: 'REMOVE x',
      ExpressionAttributeValues: { ':v': { S: 'b' } },
    }),
  'an expression name that is not given': (context, table) =>
    updateItem(context, table, { UpdateExpression: 'REMOVE #x' }),
  'ADD to text': async (context, table) => {
    await putItem(context, table, { pk: { S: 'a' }, x: { S: 'text' } });
    return updateItem(context, table, {
      UpdateExpression: 'ADD x :v',
      ExpressionAttributeValues: { ':v': { N: '1' } },
    });
  },
  'SET of an absent operand': (context, table) =>
    updateItem(context, table, { UpdateExpression: 'SET x = y' }),
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
