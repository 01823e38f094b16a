import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { MillraceError } from '../../core/errors.js';
import type { IdempotencyRecord } from '../../core/idempotency/record.js';
import type { DynamoItem } from '../aws/dynamo-api.js';
import { awsFailureError, classifyAwsError } from '../aws/errors.js';

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
  const state = item['st']?.S;
  if (state !== 'IN_PROGRESS' && state !== 'RELEASED' && state !== 'COMPLETED') return undefined;
  return {
    state,
    version: Number(item['ver']?.N ?? 0),
    owner: item['own']?.S ?? '',
    leaseUntil: Number(item['lease']?.N ?? 0),
    expiresAt: Number(item[ttlAttribute]?.N ?? 0),
    hash: item['hash']?.S ?? '',
  };
}

/** Text as DynamoDB spells it. */
export const S = (text: string): AttributeValue => ({ S: text });
/** A number as DynamoDB spells it. */
export const N = (value: number): AttributeValue => ({ N: String(value) });

/** The item a failed condition brought along, where the service sent it. */
export function itemOfFailedCondition(error: unknown): DynamoItem | undefined {
  return (error as { readonly Item?: DynamoItem }).Item;
}

/** A failure of the store as the one error its callers know. */
export function storeError(error: unknown, action: string, table: RecordTable): MillraceError {
  const failure = classifyAwsError(error);
  const { region, endpoint } = table;
  const words = awsFailureError(failure, {
    action: `${action} in table '${table.table}'`,
    region,
    ...(endpoint !== undefined && { endpoint }),
  });
  return new MillraceError('STORE_UNAVAILABLE', words.message, { cause: error });
}
