import { createHash } from 'node:crypto';
import { decideOnRecord } from '../../core/idempotency/record.js';
import type { DynamoApi, DynamoItem, TransactionWrite } from '../aws/dynamo-api.js';
import { cancellationCodes, classifyAwsError } from '../aws/errors.js';
import type { CommitOutcome, InboxEntry, InboxStore } from '../idempotency/store.js';
import { itemOfFailedCondition, N, readRecord, S, storeError, type RecordTable } from './dynamo-record.js';

/**
 * The transactional inbox in DynamoDB: the row that says "done" and the handler's own writes are one TransactWriteItems,
 * so there is no state between "not done" and "done" in which a crash could fall. One call per message.
 */
export function createDynamoInboxStore(dynamo: DynamoApi, table: RecordTable): InboxStore {
  return {
    look: async (key, hash, now) => {
      const item = await read(dynamo, table, key);
      const decision = decideOnRecord(readRecord(item, table.ttlAttribute), { hash, now });
      if (decision.kind === 'completed') return 'duplicate';
      return decision.kind === 'mismatch' ? 'mismatch' : 'unknown';
    },
    commit: (entry, writes) => commit(dynamo, table, { entry, writes }),
  };
}

interface Commit {
  readonly entry: InboxEntry;
  readonly writes: readonly TransactionWrite[];
}

async function commit(dynamo: DynamoApi, table: RecordTable, work: Commit): Promise<CommitOutcome> {
  const row = inboxRow(table, work.entry);
  try {
    // A transaction costs twice its writes; a handler that wrote nothing needs none.
    if (work.writes.length === 0) await dynamo.put(row);
    else await dynamo.transactWrite([{ Put: row }, ...work.writes], tokenOf(work));
    return { kind: 'committed' };
  } catch (error) {
    if (classifyAwsError(error).kind === 'condition-failed')
      return explain(dynamo, table, { entry: work.entry, seen: itemOfFailedCondition(error) });
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
  const { key, hash, attempt } = conflict.entry;
  const record = readRecord(conflict.seen ?? (await read(dynamo, table, key)), table.ttlAttribute);
  // The SDK repeats a call whose answer was lost: then it was this very attempt that was committed.
  if (record?.owner === attempt) return { kind: 'committed' };
  return record !== undefined && record.hash !== hash ? { kind: 'mismatch' } : { kind: 'duplicate' };
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
    },
    ConditionExpression: 'attribute_not_exists(pk) OR #exp < :nowSeconds',
    ExpressionAttributeNames: { '#exp': table.ttlAttribute },
    ExpressionAttributeValues: { ':nowSeconds': N(Math.floor(entry.now / 1_000)) },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
}

/**
 * Repeating this call is safe for ten minutes. The attempt is part of the token, so that a copy of the message is judged
 * by the inbox row (and counted as a duplicate), not swallowed as a repeated call; the content is, because DynamoDB
 * refuses a token that comes back with other content.
 */
function tokenOf({ entry, writes }: Commit): string {
  const content = JSON.stringify([entry, writes]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 36);
}

function itemOfCancellation(error: unknown): DynamoItem | undefined {
  const reasons = (error as { readonly CancellationReasons?: readonly { readonly Item?: DynamoItem }[] })
    .CancellationReasons;
  return reasons?.[0]?.Item;
}
