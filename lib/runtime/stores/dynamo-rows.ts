import type { BatchStatementResponse } from '@aws-sdk/client-dynamodb';
import { limitOf } from '../../contract/limits.js';
import type { Clock, Random } from '../../core/clock.js';
import type { EntryOutcome } from '../aws/batch-outcome.js';
import { BatchRunner, type BatchResult } from '../aws/batch-runner.js';
import type { DynamoApi, DynamoItem } from '../aws/dynamo-api.js';
import type { MarkRows, RecordRows, SequenceAdvance } from '../idempotency/store.js';
import { entryError, readRecord, type RecordTable } from './dynamo-record.js';
import {
  advanceMark,
  insertMark,
  insertRecord,
  replaceRecord,
  type KeyedStatement,
} from './dynamo-statements.js';

/**
 * How long a write may wait for company while other calls are out. A lone one leaves at once; under load this is the
 * price, in time, of a call shared by up to 25.
 */
const MAX_AGE_MS = 10;
const MAX_CALLS_OUT = 4;
const RETRY = { curve: { baseSeconds: 0.05, factor: 2, maxSeconds: 1 }, maxAttempts: 5 };

/** Codes of single statements that no repetition helps. */
const SENDER_FAULTS: ReadonlySet<string> = new Set([
  'AccessDenied',
  'ItemCollectionSizeLimitExceeded',
  'ResourceNotFound',
  'ValidationError',
]);

/**
 * Records and marks in DynamoDB, many per call: writes through BatchExecuteStatement (25 statements, each with a condition
 * and an outcome of its own), reads through BatchGetItem. What is asked in one turn leaves together; what is asked while
 * calls are out fills the next ones.
 */
export function createDynamoRows(
  dynamo: DynamoApi,
  table: RecordTable,
  ports: { readonly clock: Clock; readonly random: Random },
): { readonly records: RecordRows; readonly marks: MarkRows } {
  const batches = createBatches(dynamo, table, ports);
  const submit = oneByOnePerItem(batches.writes);
  const write = async (statement: KeyedStatement, action: string): Promise<Verdict> =>
    valueOf(await submit(statement), action, table);
  const read = async (key: string, action: string): Promise<DynamoItem | undefined> =>
    valueOf(await batches.reads.submit({ item: key }), action, table);
  return {
    records: {
      insert: async (record) =>
        (await write(insertRecord(table, record), 'add a record')) === 'made' ? 'inserted' : 'taken',
      read: async (key) => readRecord(await read(key, 'read a record'), table.ttlAttribute),
      replace: async (seen, next) =>
        (await write(replaceRecord(table, seen, next), 'change a record')) === 'made'
          ? 'replaced'
          : 'changed',
    },
    marks: {
      markOf: async (groupKey) => (await read(groupKey, 'read a sequence mark'))?.['seq']?.S,
      advance: async (advance) => {
        const action = 'advance a sequence mark';
        const insert = () => write(insertMark(table, advance), action);
        if (advance.isFirst === true && (await insert()) === 'made') return 'advanced';
        if ((await write(advanceMark(table, advance), action)) === 'made') return 'advanced';
        const item = await read(advance.groupKey, action);
        if (item !== undefined) return isOwn(item, advance) ? 'advanced' : 'behind';
        if ((await insert()) === 'made') return 'advanced';
        const other = await read(advance.groupKey, action);
        return other !== undefined && isOwn(other, advance) ? 'advanced' : 'behind';
      },
    },
  };
}

/** A call that is repeated because its answer was lost finds its own mark. */
const isOwn = (item: DynamoItem, { sequence, attempt }: SequenceAdvance): boolean =>
  item['own']?.S === attempt && item['seq']?.S === sequence;

/** What became of a conditional write: an unmet condition is an answer. */
type Verdict = 'made' | 'unmet';

function createBatches(
  dynamo: DynamoApi,
  { table }: RecordTable,
  ports: { readonly clock: Clock; readonly random: Random },
) {
  const limits = {
    maxBytes: Infinity, // records weigh a few hundred bytes, requests take megabytes
    maxAgeMs: MAX_AGE_MS,
    maxCallsOut: MAX_CALLS_OUT,
    isEager: true,
  };
  return {
    writes: new BatchRunner<KeyedStatement, Verdict>({
      ...ports,
      limits: { ...limits, maxEntries: limitOf('dynamodb.batchStatement.maxItems') },
      retry: RETRY,
      call: (statements) => writeBatch(dynamo, statements),
    }),
    reads: new BatchRunner<string, DynamoItem | undefined>({
      ...ports,
      limits: { ...limits, maxEntries: limitOf('dynamodb.batchGet.maxItems') },
      retry: RETRY,
      call: (keys) => readBatch(dynamo, table, keys),
    }),
  };
}

async function writeBatch(
  dynamo: DynamoApi,
  statements: readonly KeyedStatement[],
): Promise<readonly EntryOutcome<Verdict>[]> {
  const responses = await dynamo.batchStatements(statements.map(({ request }) => request));
  return statements.map((_, position) => outcomeOf(responses[position]));
}

function outcomeOf(response: BatchStatementResponse | undefined): EntryOutcome<Verdict> {
  if (response === undefined) return { kind: 'failed', code: 'NotAnswered', isSenderFault: false };
  if (response.Error === undefined) return { kind: 'done', value: 'made' };
  const code = response.Error.Code ?? 'Unknown';
  if (code === 'DuplicateItem' || code === 'ConditionalCheckFailed') return { kind: 'done', value: 'unmet' };
  return { kind: 'failed', code, isSenderFault: SENDER_FAULTS.has(code) };
}

/**
 * Submits statements so that no two on one item are under way at once: DynamoDB refuses a batch that names an item twice,
 * and twins of a message do come in one receive.
 */
function oneByOnePerItem(writes: BatchRunner<KeyedStatement, Verdict>) {
  const last = new Map<string, Promise<BatchResult<Verdict>>>();
  return (statement: KeyedStatement): Promise<BatchResult<Verdict>> => {
    const { key } = statement;
    const submit = (): Promise<BatchResult<Verdict>> => writes.submit({ item: statement });
    const result = last.get(key)?.then(submit) ?? submit(); // results never reject
    last.set(key, result);
    void result.then(() => {
      if (last.get(key) === result) last.delete(key);
    });
    return result;
  };
}

async function readBatch(
  dynamo: DynamoApi,
  table: string,
  keys: readonly string[],
): Promise<readonly EntryOutcome<DynamoItem | undefined>[]> {
  const { items, unprocessed } = await dynamo.batchGet(table, [...new Set(keys)]);
  const found = new Map(items.map((item) => [item['pk']?.S, item]));
  const left = new Set(unprocessed);
  return keys.map((key) =>
    left.has(key)
      ? { kind: 'failed', code: 'ProvisionedThroughputExceeded', isSenderFault: false }
      : { kind: 'done', value: found.get(key) },
  );
}

function valueOf<Value>(result: BatchResult<Value>, action: string, table: RecordTable): Value {
  switch (result.kind) {
    case 'done':
      return result.value;
    case 'refused':
    case 'exhausted':
      throw entryError(result, action, table);
    case 'stale':
      throw entryError({ code: 'Stale' }, action, table);
  }
}
