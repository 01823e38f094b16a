import type { Clock, Random } from '../../core/clock.js';
import type { DynamoApi } from '../aws/dynamo-api.js';
import { createRecordKeeper } from '../idempotency/record-keeper.js';
import type { IdempotencyStore } from '../idempotency/store.js';
import { createDynamoInboxStore } from './dynamo-inbox-store.js';
import type { RecordTable } from './dynamo-record.js';
import { createDynamoRows } from './dynamo-rows.js';
import { createDynamoSequenceStore } from './dynamo-sequence-store.js';

/** The idempotency table of a queue's construct, for every mode. */
export function createDynamoStore(
  dynamo: DynamoApi,
  table: RecordTable,
  ports: { readonly clock: Clock; readonly random: Random },
): IdempotencyStore {
  const { records, marks } = createDynamoRows(dynamo, table, ports);
  return {
    name: 'DynamoDB',
    records,
    marks,
    inbox: createDynamoInboxStore(dynamo, table, createRecordKeeper(records)),
    sequence: createDynamoSequenceStore(dynamo, table, marks),
  };
}
