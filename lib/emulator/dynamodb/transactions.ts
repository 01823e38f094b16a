import { limitOf } from '../../contract/limits.js';
import { dynamoFault, dynamoOutput, faultCodeOf } from './dynamo-answers.js';
import type { DynaliteExchange, DynamoAnswer } from './dynalite-exchange.js';
import {
  isJsonObject,
  keyText,
  parseJsonObject,
  pickAttributes,
  type Item,
  type JsonObject,
} from './item.js';
import { readItem, type KeySchemas } from './tables.js';

/** What transactions work on. The caller sees to it that nothing else runs meanwhile. */
export interface TransactionContext {
  readonly ask: DynaliteExchange;
  readonly schemas: KeySchemas;
}

/** How each kind of transaction item is written; a condition check is an update that changes nothing. */
const WRITE_OPERATIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'UpdateItem',
};

interface PlannedWrite {
  readonly kind: string;
  readonly operation: string;
  readonly table: string;
  readonly key: Item;
  readonly request: JsonObject;
}

type Plan = { readonly kind: 'plan'; readonly writes: readonly PlannedWrite[] } | Refused;
interface Refused {
  readonly kind: 'refused';
  readonly answer: DynamoAnswer;
}

const refused = (code: string, message: string): Refused => ({
  kind: 'refused',
  answer: dynamoFault(code, message),
});

/**
 * TransactWriteItems: every write with its condition, or none. A condition that fails gives one cancellation reason per
 * item, in order, with the item where the caller asked for it.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export async function transactWrite(context: TransactionContext, request: JsonObject): Promise<DynamoAnswer> {
  const plan = await planWrites(context, request);
  if (plan.kind === 'refused') return plan.answer;
  const { writes } = plan;
  const before = await Promise.all(writes.map(({ table, key }) => readItem(context.ask, table, key)));
  const answers = await Promise.all(
    writes.map(({ operation, request: write }) => context.ask(operation, JSON.stringify(write))),
  );
  const hasFailed = answers.some(({ status }) => status !== 200);
  await Promise.all(
    writes.map(async (write, index) => {
      const isWritten = answers[index]?.status === 200;
      if (isWritten && (hasFailed || write.kind === 'ConditionCheck'))
        await restore(context.ask, write, before[index]);
    }),
  );
  return hasFailed ? cancellation(writes, answers, before) : dynamoOutput({});
}

async function planWrites(context: TransactionContext, request: JsonObject): Promise<Plan> {
  const items = request['TransactItems'];
  const max = limitOf('dynamodb.transaction.maxItems');
  if (!Array.isArray(items) || items.length === 0 || items.length > max)
    return refused(
      'ValidationException',
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to ${max} and greater than or equal to 1`,
    );
  const writes: PlannedWrite[] = [];
  const keys = new Set<string>();
  for (const item of items) {
    const planned = await planWrite(context, item);
    if (planned.kind === 'refused') return planned;
    const { write } = planned;
    const identity = `${write.table} ${keyText(write.key)}`;
    if (keys.has(identity))
      return refused(
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      );
    keys.add(identity);
    writes.push(write);
  }
  return { kind: 'plan', writes };
}

type PlannedOne = { readonly kind: 'write'; readonly write: PlannedWrite } | Refused;

async function planWrite(context: TransactionContext, item: unknown): Promise<PlannedOne> {
  const entries = isJsonObject(item) ? Object.entries(item) : [];
  const [kind, request] = entries[0] ?? [];
  const operation = kind === undefined ? undefined : WRITE_OPERATIONS[kind];
  if (entries.length !== 1 || kind === undefined || operation === undefined || !isJsonObject(request))
    return refused(
      'ValidationException',
      'TransactItems can only contain one of Check, Put, Update or Delete',
    );
  const table = request['TableName'];
  const names = typeof table === 'string' ? await context.schemas.of(table) : undefined;
  if (typeof table !== 'string' || names === undefined)
    return refused('ResourceNotFoundException', 'Requested resource not found');
  const key = request['Key'] ?? request['Item'];
  if (!isJsonObject(key))
    return refused('ValidationException', `The ${kind} of a transaction needs a Key or an Item`);
  const write = { kind, operation, table, key: pickAttributes(key as Item, names), request };
  return { kind: 'write', write };
}

async function restore(ask: DynaliteExchange, write: PlannedWrite, before: Item | undefined): Promise<void> {
  const { table, key } = write;
  if (before === undefined) await ask('DeleteItem', JSON.stringify({ TableName: table, Key: key }));
  else await ask('PutItem', JSON.stringify({ TableName: table, Item: before }));
}

/** Refusals that depend on the stored item cancel the transaction; any other is about the request itself. */
const ITEM_DEPENDENT =
  /incorrect data type|does not exist in the item|size to update has exceeded|document path|Type mismatch/i;

function cancellation(
  writes: readonly PlannedWrite[],
  answers: readonly DynamoAnswer[],
  before: readonly (Item | undefined)[],
): DynamoAnswer {
  const misuse = answers.find((answer) => isMisuse(answer));
  if (misuse !== undefined) return misuse;
  const reasons = answers.map((answer, index) =>
    cancellationReason(answer, writes[index]?.request, before[index]),
  );
  const codes = reasons.map((reason) => reason['Code']).join(', ');
  return dynamoFault(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
}

function isMisuse(answer: DynamoAnswer): boolean {
  const code = faultCodeOf(answer);
  if (code === undefined || code === 'ConditionalCheckFailedException') return false;
  return code !== 'ValidationException' || !ITEM_DEPENDENT.test(answer.body);
}

function cancellationReason(
  answer: DynamoAnswer,
  request: JsonObject | undefined,
  before: Item | undefined,
): JsonObject {
  const code = faultCodeOf(answer);
  if (code === undefined) return { Code: 'None' };
  const fault = parseJsonObject(answer.body) ?? {};
  const message = fault['message'] ?? fault['Message'];
  if (code !== 'ConditionalCheckFailedException') return { Code: 'ValidationError', Message: message };
  const isAsked = request?.['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD';
  return {
    Code: 'ConditionalCheckFailed',
    Message: message,
    ...(isAsked && before !== undefined && { Item: before }),
  };
}

/**
 * TransactGetItems: the items as they were at one moment.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
 */
export async function transactGet(context: TransactionContext, request: JsonObject): Promise<DynamoAnswer> {
  const items = request['TransactItems'];
  const max = limitOf('dynamodb.transaction.maxItems');
  if (!Array.isArray(items) || items.length === 0 || items.length > max)
    return dynamoFault('ValidationException', `TransactItems must hold 1 to ${max} items`);
  const gets = items.map((item: unknown) => (isJsonObject(item) ? item['Get'] : undefined));
  const answers = await Promise.all(
    gets.map((get) =>
      context.ask('GetItem', JSON.stringify(isJsonObject(get) ? { ...get, ConsistentRead: true } : {})),
    ),
  );
  const misuse = answers.find(({ status }) => status !== 200);
  if (misuse !== undefined) return misuse;
  return dynamoOutput({
    Responses: answers.map(({ body }) => {
      const item = parseJsonObject(body)?.['Item'];
      return item === undefined ? {} : { Item: item };
    }),
  });
}
