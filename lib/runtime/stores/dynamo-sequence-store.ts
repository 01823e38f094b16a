import { createHash } from 'node:crypto';
import type { DynamoApi, TransactionWrite } from '../aws/dynamo-api.js';
import { cancellationCodes, classifyAwsError } from '../aws/errors.js';
import type { AdvanceOutcome, SequenceAdvance, SequenceStore } from '../idempotency/store.js';
import { S, storeError, type RecordTable } from './dynamo-record.js';

/**
 * High-water marks in DynamoDB: `pk` is `<consumer>#group#<group>`, `seq` the SQS sequence number of the last message
 * handled, as text of one length so that it compares like the number. The rows carry no expiry: a mark that is forgotten
 * would let an old message through.
 */
export function createDynamoSequenceStore(dynamo: DynamoApi, table: RecordTable): SequenceStore {
  return {
    markOf: async (groupKey) => {
      try {
        const key = { pk: S(groupKey) };
        return (await dynamo.get({ TableName: table.table, Key: key, ConsistentRead: true }))?.['seq']?.S;
      } catch (error) {
        throw storeError(error, 'read a sequence mark', table);
      }
    },
    advance: (advance, writes) => advanceMark(dynamo, table, { advance, writes }),
  };
}

interface Work {
  readonly advance: SequenceAdvance;
  readonly writes: readonly TransactionWrite[];
}

async function advanceMark(dynamo: DynamoApi, table: RecordTable, work: Work): Promise<AdvanceOutcome> {
  const { advance, writes } = work;
  const update = {
    TableName: table.table,
    Key: { pk: S(advance.groupKey) },
    UpdateExpression: 'SET #seq = :seq, #own = :own',
    // The same attempt again is a call whose first answer was lost: it may pass, it changes nothing.
    ConditionExpression: 'attribute_not_exists(pk) OR #seq < :seq OR #own = :own',
    ExpressionAttributeNames: { '#seq': 'seq', '#own': 'own' },
    ExpressionAttributeValues: { ':seq': S(advance.sequence), ':own': S(advance.attempt) },
  };
  try {
    if (writes.length === 0) await dynamo.update(update);
    else await dynamo.transactWrite([{ Update: update }, ...writes], tokenOf(work));
    return { kind: 'advanced' };
  } catch (error) {
    if (classifyAwsError(error).kind === 'condition-failed') return { kind: 'behind' };
    const codes = cancellationCodes(error);
    if (codes?.[0] === 'ConditionalCheckFailed') return { kind: 'behind' };
    const index = codes?.findIndex((code) => code === 'ConditionalCheckFailed') ?? -1;
    if (index > 0) return { kind: 'write-refused', index: index - 1, code: 'ConditionalCheckFailed' };
    throw storeError(error, 'advance a sequence mark', table);
  }
}

function tokenOf(work: Work): string {
  return createHash('sha256').update(JSON.stringify(work)).digest('base64url').slice(0, 36);
}
