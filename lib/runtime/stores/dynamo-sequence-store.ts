import type { DynamoApi, TransactionWrite } from '../aws/dynamo-api.js';
import { cancellationCodes } from '../aws/errors.js';
import type { AdvanceOutcome, MarkRows, SequenceAdvance, SequenceStore } from '../idempotency/store.js';
import { S, storeError, tokenOf, type RecordTable } from './dynamo-record.js';

/**
 * High-water marks in DynamoDB: `pk` is `<consumer>#<queue ARN>#<group>`, `seq` the SQS sequence number of the last message
 * handled, as text of one length so that it compares like the number. The rows carry no expiry: a mark that is forgotten
 * would let an old message through. Marks of handlers that wrote nothing share calls with others.
 */
export function createDynamoSequenceStore(
  dynamo: DynamoApi,
  table: RecordTable,
  marks: MarkRows,
): SequenceStore {
  return {
    takesWrites: true,
    markOf: (groupKey) => marks.markOf(groupKey),
    advance: async (advance, writes) =>
      writes.length === 0
        ? { kind: await marks.advance(advance) }
        : advanceWith(dynamo, table, { advance, writes }),
  };
}

interface Work {
  readonly advance: SequenceAdvance;
  readonly writes: readonly TransactionWrite[];
}

async function advanceWith(dynamo: DynamoApi, table: RecordTable, work: Work): Promise<AdvanceOutcome> {
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
    await dynamo.transactWrite([{ Update: update }, ...writes], tokenOf(work));
    return { kind: 'advanced' };
  } catch (error) {
    const codes = cancellationCodes(error);
    if (codes?.[0] === 'ConditionalCheckFailed') return { kind: 'behind' };
    if (codes?.includes('TransactionConflict') === true) return { kind: 'conflict' };
    const index = codes?.findIndex((code) => code === 'ConditionalCheckFailed') ?? -1;
    if (index > 0) return { kind: 'write-refused', index: index - 1, code: 'ConditionalCheckFailed' };
    throw storeError(error, 'advance a sequence mark', table);
  }
}
