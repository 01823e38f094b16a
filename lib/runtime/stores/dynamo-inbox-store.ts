import { decideOnRecord, LEASE_SKEW_MS } from '../../core/idempotency/record.js';
import type { DynamoApi, DynamoItem, TransactionWrite } from '../aws/dynamo-api.js';
import { cancellationCodes } from '../aws/errors.js';
import type { RecordKeeper } from '../idempotency/record-keeper.js';
import type { CommitOutcome, InboxEntry, InboxStore } from '../idempotency/store.js';
import { N, readRecord, S, storeError, tokenOf, type RecordTable } from './dynamo-record.js';

/**
 * The transactional inbox in DynamoDB: the row that says "done" and the handler's own writes are one TransactWriteItems,
 * so there is no state between "not done" and "done" in which a crash could fall. One call per message; a handler that
 * wrote nothing shares one with others.
 */
export function createDynamoInboxStore(
  dynamo: DynamoApi,
  table: RecordTable,
  keeper: RecordKeeper,
): InboxStore {
  return {
    look: keeper.look,
    // A transaction costs twice its writes; a handler that wrote nothing needs none.
    commit: (entry, writes) =>
      writes.length === 0 ? keeper.record(entry) : commit(dynamo, table, { entry, writes }),
  };
}

interface Commit {
  readonly entry: InboxEntry;
  readonly writes: readonly TransactionWrite[];
}

async function commit(dynamo: DynamoApi, table: RecordTable, work: Commit): Promise<CommitOutcome> {
  try {
    // The attempt is part of the token, so that a copy of the message is judged by the inbox row (and counted as a
    // duplicate), not swallowed as a repeated call; the content is, because DynamoDB refuses a token with other content.
    await dynamo.transactWrite([{ Put: inboxRow(table, work.entry) }, ...work.writes], tokenOf(work));
    return { kind: 'committed' };
  } catch (error) {
    const codes = cancellationCodes(error);
    if (codes === undefined) throw storeError(error, 'commit a transaction', table);
    return decideOnCancellation(dynamo, table, { ...work, codes, error });
  }
}

async function decideOnCancellation(
  dynamo: DynamoApi,
  table: RecordTable,
  cancelled: Commit & { readonly codes: readonly string[]; readonly error: unknown },
): Promise<CommitOutcome> {
  const { codes, error, entry } = cancelled;
  if (codes[0] === 'ConditionalCheckFailed')
    return explain(dynamo, table, { entry, seen: itemOfCancellation(error) });
  if (codes.includes('TransactionConflict')) return { kind: 'conflict' };
  const throttles = ['ThrottlingError', 'ProvisionedThroughputExceeded'];
  if (codes.some((code) => throttles.includes(code))) throw storeError(error, 'commit a transaction', table);
  const index = codes.findIndex((code) => code !== 'None') - 1;
  return { kind: 'write-refused', index, code: codes[index + 1] ?? 'Unknown' };
}

/** The inbox row is there: is it this message's, or another body's under the same id? */
async function explain(
  dynamo: DynamoApi,
  table: RecordTable,
  conflict: { readonly entry: InboxEntry; readonly seen: DynamoItem | undefined },
): Promise<CommitOutcome> {
  const { key, hash, attempt, now } = conflict.entry;
  const record = readRecord(conflict.seen ?? (await read(dynamo, table, key)), table.ttlAttribute);
  // The SDK repeats a call whose answer was lost: then it was this very attempt that was committed.
  if (record?.state === 'COMPLETED' && record.owner === attempt) return { kind: 'committed' };
  const decision = decideOnRecord(record, { hash, now });
  switch (decision.kind) {
    case 'completed':
      return { ...decision, kind: 'duplicate' };
    case 'mismatch':
    case 'in-progress':
      return decision;
    case 'free': // by now; it was not a moment ago
      return { kind: 'conflict' };
  }
}

async function read(dynamo: DynamoApi, table: RecordTable, key: string): Promise<DynamoItem | undefined> {
  try {
    return await dynamo.get({ TableName: table.table, Key: { pk: S(key) }, ConsistentRead: true });
  } catch (error) {
    throw storeError(error, 'read an inbox row', table);
  }
}

function inboxRow(table: RecordTable, entry: InboxEntry) {
  return {
    TableName: table.table,
    Item: {
      pk: S(entry.key),
      st: S('COMPLETED'),
      ver: N(1),
      own: S(entry.attempt),
      lease: N(0),
      hash: S(entry.hash),
      [table.ttlAttribute]: N(entry.expiresAt),
      ...(entry.outbox !== undefined && { box: S(entry.outbox) }),
    },
    // As in `decideOnRecord`: absent, expired, given back, or held in another mode by somebody whose lease is over.
    ConditionExpression:
      'attribute_not_exists(pk) OR #exp < :nowSeconds OR #st = :released OR (#hash = :hash AND #st = :progress AND #lease <= :over)',
    ExpressionAttributeNames: {
      '#exp': table.ttlAttribute,
      '#hash': 'hash',
      '#st': 'st',
      '#lease': 'lease',
    },
    ExpressionAttributeValues: {
      ':nowSeconds': N(Math.floor(entry.now / 1_000)),
      ':hash': S(entry.hash),
      ':released': S('RELEASED'),
      ':progress': S('IN_PROGRESS'),
      ':over': N(entry.now - LEASE_SKEW_MS),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
}

function itemOfCancellation(error: unknown): DynamoItem | undefined {
  const reasons = (error as { readonly CancellationReasons?: readonly { readonly Item?: DynamoItem }[] })
    .CancellationReasons;
  return reasons?.[0]?.Item;
}
