import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

import { caseGroup } from '../../conformance-case.js';
import { present, refusal, same, sameSet } from '../../fixtures/expectations.js';
import { dynamoApi, dynamoGuide } from '../../fixtures/pages.js';
import { createTable, getItem, numberOf, putItem, updateItem, type Item } from '../../fixtures/tables.js';

const CONDITIONS = dynamoGuide('Expressions.ConditionExpressions');
const UPDATES = dynamoGuide('Expressions.UpdateExpressions');
const FAILED = 'ConditionalCheckFailedException';

const absentOnly = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

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
      const attempt = updateItem(context, table, {
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
      await updateItem(context, table, {
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
        updateItem(context, table, {
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
        await updateItem(context, table, {
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
      const { Attributes } = await updateItem(context, table, {
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
      await updateItem(context, table, {
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
      await updateItem(context, table, { UpdateExpression: 'REMOVE x' });
      same(await getItem(context, table, 'a'), { pk: { S: 'a' }, y: { S: '2' } }, 'Item');
    },
  },
  'DELETE takes elements of a set away': {
    page: UPDATES,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' }, s: { SS: ['x', 'y'] } });
      await updateItem(context, table, {
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
      const { Attributes = {} } = await updateItem(context, table, {
        UpdateExpression: 'SET y = :v',
        ExpressionAttributeValues: { ':v': { S: '2' } },
        ReturnValues: 'ALL_NEW',
      });
      sameSet(Object.keys(Attributes), ['pk', 'x', 'y'], 'attributes');
    },
  },
});
