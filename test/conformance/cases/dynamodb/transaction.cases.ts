import {
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  type CancellationReason,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, refusal, same } from '../../fixtures/expectations.js';
import { dynamoApi } from '../../fixtures/pages.js';
import { createTable, getItem, numberOf, putItem } from '../../fixtures/tables.js';

const WRITE = dynamoApi('TransactWriteItems');

const key = (pk: string): { pk: { S: string } } => ({ pk: { S: pk } });

const transact = (
  context: CaseContext,
  TransactItems: TransactWriteItem[],
  ClientRequestToken?: string,
): Promise<unknown> =>
  context.dynamodb.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));

const cancelled = async (
  context: CaseContext,
  items: TransactWriteItem[],
): Promise<readonly CancellationReason[]> => {
  const error = await refusal(transact(context, items), 'TransactionCanceledException');
  return (error as { readonly CancellationReasons?: CancellationReason[] }).CancellationReasons ?? [];
};

const put = (TableName: string, pk: string, isConditional = false): TransactWriteItem => ({
  Put: {
    TableName,
    Item: key(pk),
    ...(isConditional ? { ConditionExpression: 'attribute_not_exists(pk)' } : {}),
  },
});

const add = (TableName: string, pk: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: key(pk),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  },
});

const exists = (TableName: string, pk: string): TransactWriteItem => ({
  ConditionCheck: { TableName, Key: key(pk), ConditionExpression: 'attribute_exists(pk)' },
});

/** Transactions: all or nothing, and why not. */
export const transactionCases = caseGroup('dynamodb.transaction', {
  'every kind of write happens': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      for (const pk of ['gone', 'there']) await putItem(context, table, key(pk));
      await transact(context, [
        put(table, 'new'),
        add(table, 'count'),
        { Delete: { TableName: table, Key: key('gone') } },
        exists(table, 'there'),
      ]);
      same((await getItem(context, table, 'new'))?.pk?.S, 'new', 'put');
      same(numberOf(await getItem(context, table, 'count'), 'n'), '1', 'update');
      same(await getItem(context, table, 'gone'), undefined, 'delete');
    },
  },
  'a condition that fails undoes everything': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, key('taken'));
      await cancelled(context, [put(table, 'first'), add(table, 'count'), put(table, 'taken', true)]);
      same(
        [await getItem(context, table, 'first'), await getItem(context, table, 'count')],
        [undefined, undefined],
        'items',
      );
    },
  },
  'reasons come one per item, in order': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, key('taken'));
      const reasons = await cancelled(context, [
        put(table, 'a'),
        put(table, 'taken', true),
        exists(table, 'absent'),
      ]);
      same(
        reasons.map(({ Code }) => Code),
        ['None', 'ConditionalCheckFailed', 'ConditionalCheckFailed'],
        'codes',
      );
    },
  },
  'a reason carries the item when asked for': {
    page: WRITE,
    run: async (context) => {
      const TableName = await createTable(context);
      await putItem(context, TableName, { ...key('taken'), owner: { S: 'wheel' } });
      const [reason] = await cancelled(context, [
        {
          Put: {
            TableName,
            Item: key('taken'),
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ]);
      same(reason?.Item?.owner, { S: 'wheel' }, 'owner');
    },
  },
  'a reason carries no item unless asked for': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, key('taken'));
      const [reason] = await cancelled(context, [put(table, 'taken', true)]);
      same(reason?.Item, undefined, 'Item');
    },
  },
  'a condition check makes no item': {
    page: WRITE,
    run: async (context) => {
      const TableName = await createTable(context);
      await transact(context, [
        {
          ConditionCheck: { TableName, Key: key('absent'), ConditionExpression: 'attribute_not_exists(pk)' },
        },
        put(TableName, 'other'),
      ]);
      same(await getItem(context, TableName, 'absent'), undefined, 'Item');
    },
  },
  'writes go to several tables': {
    page: WRITE,
    run: async (context) => {
      const [one, two] = [await createTable(context), await createTable(context)];
      await putItem(context, two, key('taken'));
      await cancelled(context, [put(one, 'a'), put(two, 'taken', true)]);
      same(await getItem(context, one, 'a'), undefined, 'the first table');
      await transact(context, [put(one, 'a'), put(two, 'b', true)]);
      same((await getItem(context, two, 'b'))?.pk?.S, 'b', 'the second table');
    },
  },
  'the same token twice writes once': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      const token = context.unique('t').slice(0, 36);
      for (let round = 0; round < 2; round += 1) await transact(context, [add(table, 'count')], token);
      same(numberOf(await getItem(context, table, 'count'), 'n'), '1', 'n');
    },
  },
  'the same token with another request is refused': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      const token = context.unique('t').slice(0, 36);
      await transact(context, [add(table, 'count')], token);
      await refusal(transact(context, [add(table, 'other')], token), 'IdempotentParameterMismatchException');
    },
  },
  'another token writes again': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      for (const token of ['one', 'two'])
        await transact(context, [add(table, 'count')], context.unique(token).slice(0, 36));
      same(numberOf(await getItem(context, table, 'count'), 'n'), '2', 'n');
    },
  },
  'a token is forgotten after ten minutes': {
    page: WRITE,
    needs: ['clock'],
    run: async (context) => {
      const table = await createTable(context);
      const token = context.unique('t').slice(0, 36);
      await transact(context, [add(table, 'count')], token);
      await context.advance(601_000);
      await transact(context, [add(table, 'count')], token);
      same(numberOf(await getItem(context, table, 'count'), 'n'), '2', 'n');
    },
  },
  'two writes to one item are refused': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      await refusal(transact(context, [put(table, 'a'), add(table, 'a')]), 'ValidationException');
    },
  },
  'a hundred writes happen': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      await transact(
        context,
        Array.from({ length: 100 }, (_, index) => put(table, `k${index}`)),
      );
      same((await getItem(context, table, 'k99'))?.pk?.S, 'k99', 'pk');
    },
  },
  'a hundred and one writes are refused': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      const items = Array.from({ length: 101 }, (_, index) => put(table, `k${index}`));
      await refusal(transact(context, items), 'ValidationException');
    },
  },
  'an unknown table is refused': {
    page: WRITE,
    run: async (context) => {
      const absent = context.unique('absent');
      await refusal(transact(context, [put(absent, 'a')]), 'ResourceNotFoundException');
    },
  },
  'racing transactions on one item lose no update': {
    page: WRITE,
    run: async (context) => {
      const table = await createTable(context);
      const attempts = await Promise.allSettled(
        Array.from({ length: 15 }, (_, index) =>
          transact(context, [add(table, 'count'), put(table, `own${index}`)]),
        ),
      );
      const won = attempts.filter(({ status }) => status === 'fulfilled').length;
      check(won > 0, 'no transaction went through');
      same(numberOf(await getItem(context, table, 'count'), 'n'), `${won}`, 'n');
    },
  },
  'TransactGetItems answers in order, with gaps': {
    page: dynamoApi('TransactGetItems'),
    run: async (context) => {
      const TableName = await createTable(context);
      for (const pk of ['a', 'b']) await putItem(context, TableName, key(pk));
      const TransactItems = ['b', 'absent', 'a'].map((pk) => ({ Get: { TableName, Key: key(pk) } }));
      const { Responses } = await context.dynamodb.send(new TransactGetItemsCommand({ TransactItems }));
      same(
        Responses?.map(({ Item }) => Item?.pk?.S ?? 'none'),
        ['b', 'none', 'a'],
        'items',
      );
    },
  },
});
