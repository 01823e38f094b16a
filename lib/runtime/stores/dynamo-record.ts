import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { MillraceError } from '../../core/errors.js';
import type { IdempotencyRecord } from '../../core/idempotency/record.js';
import type { DynamoItem } from '../aws/dynamo-api.js';
import { awsFailureError, classifyAwsError, type AwsFailure } from '../aws/errors.js';
import { readStoredRecord } from './stored-record.js';

/** The table a construct made for idempotency records: partition key `pk`, and the attribute its TTL looks at. */
export interface RecordTable {
  readonly table: string;
  readonly ttlAttribute: string;
  readonly region: string;
  readonly endpoint?: string;
}

/** Reads a stored item; undefined for one of another shape, which then counts as absent but is never overwritten blindly. */
export function readRecord(
  item: DynamoItem | undefined,
  ttlAttribute: string,
): IdempotencyRecord | undefined {
  if (item === undefined) return undefined;
  return readStoredRecord({
    state: item['st']?.S,
    version: item['ver']?.N,
    owner: item['own']?.S,
    leaseUntil: item['lease']?.N,
    expiresAt: item[ttlAttribute]?.N,
    hash: item['hash']?.S,
    outbox: item['box']?.S,
  });
}

/** Text as DynamoDB spells it. */
export const S = (text: string): AttributeValue => ({ S: text });
/** A number as DynamoDB spells it. */
export const N = (value: number): AttributeValue => ({ N: String(value) });

/** A client request token for this very content: repeating the call is safe for ten minutes. */
export function tokenOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 36);
}

/** A failure of the store as the one error its callers know. */
export function storeError(error: unknown, action: string, table: RecordTable): MillraceError {
  return failureError(classifyAwsError(error), action, table);
}

/** The same for one entry of a batch, of which only a code is known: they are exception names cut short. */
export function entryError(
  result: { readonly code: string; readonly failure?: AwsFailure },
  action: string,
  table: RecordTable,
): MillraceError {
  const { code, failure } = result;
  return failureError(
    failure ?? classifyAwsError(Object.assign(new Error(code), { name: `${code}Exception` })),
    action,
    table,
  );
}

function failureError(failure: AwsFailure, action: string, table: RecordTable): MillraceError {
  const { region, endpoint } = table;
  const words = awsFailureError(failure, {
    action: `${action} in table '${table.table}'`,
    region,
    ...(endpoint !== undefined && { endpoint }),
  });
  return new MillraceError('STORE_UNAVAILABLE', words.message, { cause: failure.error });
}
