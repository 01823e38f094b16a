import {
  BatchExecuteStatementCommand,
  ExecuteStatementCommand,
  type AttributeValue,
  type BatchStatementRequest,
  type BatchStatementResponse,
} from '@aws-sdk/client-dynamodb';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, refusal, same } from '../../fixtures/expectations.js';
import { dynamoApi, dynamoGuide } from '../../fixtures/pages.js';
import { createTable, getItem, putItem } from '../../fixtures/tables.js';

const BATCH = dynamoApi('BatchExecuteStatement');
const ERRORS = dynamoApi('BatchStatementError');
const REQUEST = dynamoApi('BatchStatementRequest');
const INSERT = dynamoGuide('ql-reference.insert');
const UPDATE = dynamoGuide('ql-reference.update');
const DELETE = dynamoGuide('ql-reference.delete');

const insert = (table: string, pk: string, state = 'new'): BatchStatementRequest => ({
  Statement: `INSERT INTO "${table}" VALUE {'pk': ?, 'st': ?, 'ver': ?}`,
  Parameters: [{ S: pk }, { S: state }, { N: '1' }],
});

interface Change {
  readonly pk: string;
  readonly state: string;
  /** The version it must have. */
  readonly version: number;
}

const update = (
  table: string,
  { pk, state, version }: Change,
  more: Partial<BatchStatementRequest> = {},
): BatchStatementRequest => ({
  Statement: `UPDATE "${table}" SET "st" = ? SET "ver" = ? WHERE "pk" = ? AND "ver" = ?`,
  Parameters: [{ S: state }, { N: `${version + 1}` }, { S: pk }, { N: `${version}` }],
  ...more,
});

const remove = (table: string, pk: string, version: number): BatchStatementRequest => ({
  Statement: `DELETE FROM "${table}" WHERE "pk" = ? AND "ver" = ?`,
  Parameters: [{ S: pk }, { N: `${version}` }],
});

const batch = async (
  context: CaseContext,
  ...Statements: BatchStatementRequest[]
): Promise<readonly BatchStatementResponse[]> => {
  const { Responses = [] } = await context.dynamodb.send(new BatchExecuteStatementCommand({ Statements }));
  return Responses;
};

const codesOf = (responses: readonly BatchStatementResponse[]): readonly (string | undefined)[] =>
  responses.map((response) => response.Error?.Code);

const stateOf = async (context: CaseContext, table: string, pk: string): Promise<string | undefined> =>
  (await getItem(context, table, pk))?.st?.S;

const execute = (
  context: CaseContext,
  Statement: string | undefined,
  Parameters: AttributeValue[] | undefined,
): Promise<unknown> => context.dynamodb.send(new ExecuteStatementCommand({ Statement, Parameters }));

/** Conditional writes in batches: what the idempotency stores are built on. */
export const partiqlCases = caseGroup('dynamodb.partiql', {
  'an insert makes an item': {
    page: INSERT,
    run: async (context) => {
      const table = await createTable(context);
      same(codesOf(await batch(context, insert(table, 'a'))), [undefined], 'codes');
      same(
        await getItem(context, table, 'a'),
        { pk: { S: 'a' }, st: { S: 'new' }, ver: { N: '1' } },
        'the item',
      );
    },
  },
  'an insert on a key that is taken changes nothing: DuplicateItem': {
    page: ERRORS,
    run: async (context) => {
      const table = await createTable(context);
      await batch(context, insert(table, 'a'));
      same(codesOf(await batch(context, insert(table, 'a', 'second'))), ['DuplicateItem'], 'codes');
      same(await stateOf(context, table, 'a'), 'new', 'the item');
    },
  },
  'statements of a batch fail one by one': {
    page: BATCH,
    run: async (context) => {
      const table = await createTable(context);
      await batch(context, insert(table, 'a'), insert(table, 'b'));
      const responses = await batch(
        context,
        insert(table, 'a', 'second'),
        insert(table, 'c'),
        update(table, { pk: 'b', state: 'late', version: 7 }),
      );
      same(codesOf(responses), ['DuplicateItem', undefined, 'ConditionalCheckFailed'], 'codes');
      same(await stateOf(context, table, 'c'), 'new', 'the one in between');
    },
  },
  'an update whose condition holds is made, any other is not': {
    page: UPDATE,
    run: async (context) => {
      const table = await createTable(context);
      await batch(context, insert(table, 'a'));
      same(
        codesOf(await batch(context, update(table, { pk: 'a', state: 'done', version: 1 }))),
        [undefined],
        'the first',
      );
      same(
        codesOf(await batch(context, update(table, { pk: 'a', state: 'stale', version: 1 }))),
        ['ConditionalCheckFailed'],
        'the second',
      );
      same(await stateOf(context, table, 'a'), 'done', 'the item');
    },
  },
  'an update of an item that is not there makes none': {
    page: UPDATE,
    run: async (context) => {
      const table = await createTable(context);
      const responses = await batch(context, {
        Statement: `UPDATE "${table}" SET "st" = ? WHERE "pk" = ?`,
        Parameters: [{ S: 'ghost' }, { S: 'a' }],
      });
      same(codesOf(responses), ['ConditionalCheckFailed'], 'codes');
      same(await getItem(context, table, 'a'), undefined, 'the item');
    },
  },
  'a failed condition brings the item when asked to': {
    page: REQUEST,
    run: async (context) => {
      const table = await createTable(context);
      await batch(context, insert(table, 'a'), insert(table, 'b'));
      const ALL_OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
      const [asked, unasked] = await batch(
        context,
        update(table, { pk: 'a', state: 'x', version: 2 }, ALL_OLD),
        update(table, { pk: 'b', state: 'x', version: 2 }),
      );
      same(asked?.Error?.Item?.st?.S, 'new', 'the item asked for');
      same(unasked?.Error?.Item, undefined, 'the item not asked for');
    },
  },
  'a comparison with an attribute that is not there does not hold': {
    page: dynamoGuide('ql-operators'),
    run: async (context) => {
      const table = await createTable(context);
      await batch(context, insert(table, 'a'));
      const compare = (name: string): BatchStatementRequest => ({
        Statement: `UPDATE "${table}" SET "st" = ? WHERE "pk" = ? AND "${name}" < ?`,
        Parameters: [{ S: 'less' }, { S: 'a' }, { N: '5' }],
      });
      same(codesOf(await batch(context, compare('absent'))), ['ConditionalCheckFailed'], 'absent');
      same(codesOf(await batch(context, compare('ver'))), [undefined], 'present');
    },
  },
  'a delete keeps to its condition': {
    page: DELETE,
    run: async (context) => {
      const table = await createTable(context);
      await batch(context, insert(table, 'a'));
      same(codesOf(await batch(context, remove(table, 'a', 9))), ['ConditionalCheckFailed'], 'stale');
      same(codesOf(await batch(context, remove(table, 'a', 1))), [undefined], 'right');
      same(await getItem(context, table, 'a'), undefined, 'the item');
    },
  },
  'a batch writes an item once at most': {
    page: BATCH,
    run: async (context) => {
      const table = await createTable(context);
      await refusal(batch(context, insert(table, 'a'), insert(table, 'a')), 'ValidationException');
    },
  },
  'a batch takes 25 statements and no more': {
    page: BATCH,
    run: async (context) => {
      const table = await createTable(context);
      const many = (count: number): BatchStatementRequest[] =>
        Array.from({ length: count }, (_, index) => insert(table, `k${index}`));
      await refusal(batch(context, ...many(26)), 'ValidationException');
      const codes = codesOf(await batch(context, ...many(25)));
      check(codes.length === 25 && codes.every((code) => code === undefined), 'not all of 25 were written');
    },
  },
  'a statement without its whole key is a validation error of its own': {
    page: UPDATE,
    run: async (context) => {
      const table = await createTable(context);
      await putItem(context, table, { pk: { S: 'a' } });
      const responses = await batch(
        context,
        { Statement: `UPDATE "${table}" SET "st" = ? WHERE "ver" = ?`, Parameters: [{ S: 'x' }, { N: '1' }] },
        insert(table, 'b'),
      );
      same(codesOf(responses), ['ValidationError', undefined], 'codes');
    },
  },
  'a statement on a table that is not there is an error of its own': {
    page: ERRORS,
    run: async (context) => {
      const table = await createTable(context);
      const responses = await batch(context, insert(context.unique('none'), 'a'), insert(table, 'a'));
      same(codesOf(responses), ['ResourceNotFound', undefined], 'codes');
    },
  },
  'a statement with too few parameters is a validation error of its own': {
    page: REQUEST,
    run: async (context) => {
      const table = await createTable(context);
      const responses = await batch(
        context,
        { ...insert(table, 'a'), Parameters: [{ S: 'a' }] },
        insert(table, 'b'),
      );
      same(codesOf(responses), ['ValidationError', undefined], 'codes');
    },
  },
  'text that is no statement is a validation error of its own': {
    page: ERRORS,
    run: async (context) => {
      const table = await createTable(context);
      const responses = await batch(context, { Statement: 'UPDATE nonsense' }, insert(table, 'b'));
      same(codesOf(responses), ['ValidationError', undefined], 'codes');
    },
  },
  'a single statement fails with the exception of its kind': {
    page: dynamoApi('ExecuteStatement'),
    run: async (context) => {
      const table = await createTable(context);
      const { Statement, Parameters } = insert(table, 'a');
      await execute(context, Statement, Parameters);
      await refusal(execute(context, Statement, Parameters), 'DuplicateItemException', 'DuplicateItem');
      const stale = update(table, { pk: 'a', state: 'x', version: 4 });
      await refusal(execute(context, stale.Statement, stale.Parameters), 'ConditionalCheckFailedException');
    },
  },
});
