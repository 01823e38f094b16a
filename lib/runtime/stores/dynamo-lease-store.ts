import { decideOnRecord, LEASE_SKEW_MS } from '../../core/idempotency/record.js';
import type { DynamoApi, DynamoItem } from '../aws/dynamo-api.js';
import { classifyAwsError } from '../aws/errors.js';
import type { AcquireRequest, Acquisition, Fence, LeaseStore } from '../idempotency/store.js';
import { itemOfFailedCondition, N, readRecord, S, storeError, type RecordTable } from './dynamo-record.js';

/**
 * Fenced records in DynamoDB: two writes per message.
 *
 * ```
 *            acquire(v)                              complete(v)
 *  absent ───────────────▶ IN_PROGRESS, ver=v ───────────────────▶ COMPLETED ──▶ (expires)
 *                            │    ▲      ▲ acquire(v+1), once the lease is over
 *                 release(v) ▼    │ acquire(v+1)
 *                          RELEASED
 * ```
 * `ver` is never reset while the record lives, so a holder that was overtaken fails every condition from then on.
 */
export function createDynamoLeaseStore(dynamo: DynamoApi, table: RecordTable): LeaseStore {
  const change = async (fence: Fence, action: string, set: DynamoItem): Promise<'kept' | 'lost'> => {
    try {
      await dynamo.update(fencedUpdate(table, fence, set));
      return 'kept';
    } catch (error) {
      if (classifyAwsError(error).kind === 'condition-failed') return 'lost';
      throw storeError(error, action, table);
    }
  };
  return {
    acquire: (request) => acquire(dynamo, table, request),
    renew: (fence, leaseUntil) => change(fence, 'renew a lease', { lease: N(leaseUntil) }),
    complete: (fence) => change(fence, 'complete a record', { st: S('COMPLETED') }),
    release: (fence) => change(fence, 'release a record', { st: S('RELEASED') }),
  };
}

async function acquire(dynamo: DynamoApi, table: RecordTable, request: AcquireRequest): Promise<Acquisition> {
  try {
    const updated = await dynamo.update(acquisition(table, request));
    const version = Number(updated['ver']?.N ?? 0);
    return { kind: 'acquired', fence: { key: request.key, version, owner: request.owner } };
  } catch (error) {
    if (classifyAwsError(error).kind !== 'condition-failed')
      throw storeError(error, 'acquire a record', table);
    return explain(dynamo, table, { request, seen: itemOfFailedCondition(error) });
  }
}

/** Why the condition failed: from the item that came with the failure, or one read where the endpoint sends none. */
async function explain(
  dynamo: DynamoApi,
  table: RecordTable,
  conflict: { readonly request: AcquireRequest; readonly seen: DynamoItem | undefined },
): Promise<Acquisition> {
  const { request, seen } = conflict;
  const item = seen ?? (await read(dynamo, table, request.key));
  const record = readRecord(item, table.ttlAttribute);
  // The SDK repeats a call whose answer was lost: then it was this very attempt that acquired the record.
  if (record?.state === 'IN_PROGRESS' && record.owner === request.owner)
    return { kind: 'acquired', fence: { key: request.key, version: record.version, owner: request.owner } };
  const decision = decideOnRecord(record, request);
  // Free by now, but it was not a moment ago: whoever changed it is given a moment, then the message is tried again.
  return decision.kind === 'free' ? { kind: 'in-progress', remainingMs: 0 } : decision;
}

async function read(dynamo: DynamoApi, table: RecordTable, key: string): Promise<DynamoItem | undefined> {
  try {
    return await dynamo.get({ TableName: table.table, Key: { pk: S(key) }, ConsistentRead: true });
  } catch (error) {
    throw storeError(error, 'read a record', table);
  }
}

function acquisition(table: RecordTable, request: AcquireRequest) {
  return {
    TableName: table.table,
    Key: { pk: S(request.key) },
    UpdateExpression:
      'SET #st = :progress, #ver = if_not_exists(#ver, :zero) + :one, #own = :own, #lease = :lease, #exp = :exp, #hash = :hash',
    // Absent; or expired, which TTL may have left lying for days; or given back; or held by somebody whose lease is over.
    // A record with another body is left alone in every case but the first two: that is a mismatch, not a retry.
    ConditionExpression:
      'attribute_not_exists(pk) OR #exp < :nowSeconds OR (#hash = :hash AND (#st = :released OR (#st = :progress AND #lease < :over)))',
    ExpressionAttributeNames: {
      '#st': 'st',
      '#ver': 'ver',
      '#own': 'own',
      '#lease': 'lease',
      '#exp': table.ttlAttribute,
      '#hash': 'hash',
    },
    ExpressionAttributeValues: {
      ':progress': S('IN_PROGRESS'),
      ':released': S('RELEASED'),
      ':zero': N(0),
      ':one': N(1),
      ':own': S(request.owner),
      ':lease': N(request.now + request.leaseMs),
      ':exp': N(request.expiresAt),
      ':hash': S(request.hash),
      ':nowSeconds': N(Math.floor(request.now / 1_000)),
      ':over': N(request.now - LEASE_SKEW_MS),
    },
    ReturnValues: 'UPDATED_NEW' as const,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
}

function fencedUpdate(table: RecordTable, fence: Fence, set: DynamoItem) {
  const names = Object.keys(set);
  return {
    TableName: table.table,
    Key: { pk: S(fence.key) },
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: '#ver = :ver AND #own = :own AND #state = :progress',
    ExpressionAttributeNames: {
      '#ver': 'ver',
      '#own': 'own',
      '#state': 'st',
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ':ver': N(fence.version),
      ':own': S(fence.owner),
      ':progress': S('IN_PROGRESS'),
      ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
    },
  };
}
