import { limitOf } from '../../contract/limits.js';
import type { DynaliteExchange, DynamoAnswer } from './dynalite-exchange.js';
import { dynamoFault, dynamoOutput, faultCodeOf } from './dynamo-answers.js';
import { isJsonObject, keyText, parseJsonObject, type Item, type JsonObject } from './item.js';
import {
  parseStatement,
  type Assignment,
  type Comparison,
  type PartiqlStatement,
} from './partiql-statement.js';
import { readItem, type KeySchemas } from './tables.js';

/** What statements work on. The caller sees to it that nothing else runs meanwhile. */
export interface PartiqlContext {
  readonly ask: DynaliteExchange;
  readonly schemas: KeySchemas;
}

/** A statement as the write it comes to. */
interface StatementWrite {
  readonly table: string;
  readonly key: Item;
  readonly operation: 'PutItem' | 'UpdateItem' | 'DeleteItem';
  readonly request: JsonObject;
  readonly isItemAsked: boolean;
}

type Planned =
  | { readonly kind: 'write'; readonly write: StatementWrite }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly table?: string };

/**
 * BatchExecuteStatement with up to 25 writes, each on its own: one that fails has an error beside the others' success.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
 */
export async function batchExecute(context: PartiqlContext, request: JsonObject): Promise<DynamoAnswer> {
  const statements = request['Statements'];
  const max = limitOf('dynamodb.batchStatement.maxItems');
  if (!Array.isArray(statements) || statements.length === 0 || statements.length > max)
    return dynamoFault(
      'ValidationException',
      `1 validation error detected: Value at 'statements' failed to satisfy constraint: Member must have length less than or equal to ${max} and greater than or equal to 1`,
    );
  const plans = await Promise.all(statements.map((statement: unknown) => plan(context, statement)));
  const keys = plans.flatMap((planned) =>
    planned.kind === 'write' ? [`${planned.write.table} ${keyText(planned.write.key)}`] : [],
  );
  if (new Set(keys).size < keys.length)
    return dynamoFault('ValidationException', 'Provided list of item keys contains duplicates');
  return dynamoOutput({ Responses: await Promise.all(plans.map((planned) => respond(context, planned))) });
}

/**
 * ExecuteStatement: one statement, whose failure is the call's.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
 */
export async function executeStatement(context: PartiqlContext, request: JsonObject): Promise<DynamoAnswer> {
  const { Error: error } = await respond(context, await plan(context, request));
  if (!isJsonObject(error)) return dynamoOutput({ Items: [] });
  const { Code: code, Message: message, Item: item } = error;
  return dynamoFault(
    EXCEPTIONS[String(code)] ?? String(code),
    String(message),
    item === undefined ? {} : { Item: item },
  );
}

/** Codes of batch errors as the exceptions they are elsewhere. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  ConditionalCheckFailed: 'ConditionalCheckFailedException',
  DuplicateItem: 'DuplicateItemException',
  ResourceNotFound: 'ResourceNotFoundException',
  ValidationError: 'ValidationException',
};

async function plan(context: PartiqlContext, statement: unknown): Promise<Planned> {
  const request = isJsonObject(statement) ? statement : {};
  const text = request['Statement'];
  if (typeof text !== 'string') return invalid('a statement needs its Statement');
  const parsed = parseStatement(text);
  if (parsed.kind === 'refused') return invalid(parsed.message);
  const parameters: readonly unknown[] = Array.isArray(request['Parameters']) ? request['Parameters'] : [];
  if (parameters.length < parsed.parameters)
    return invalid("Number of parameters in request and statement don't match.");
  const { table } = parsed.statement;
  const names = await context.schemas.of(table);
  if (names === undefined)
    return { kind: 'error', code: 'ResourceNotFound', message: 'Requested resource not found' };
  const isItemAsked = request['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD';
  return planWrite(parsed.statement, { parameters, names, isItemAsked });
}

interface StatementInput {
  readonly parameters: readonly unknown[];
  /** Names of the table's key attributes. */
  readonly names: readonly string[];
  readonly isItemAsked: boolean;
}

function planWrite(statement: PartiqlStatement, input: StatementInput): Planned {
  const { parameters, names, isItemAsked } = input;
  const { table } = statement;
  const valued = statement.kind === 'insert' ? statement.values : equalities(statement.where);
  const byName = new Map(valued.map(({ name, parameter }) => [name, parameters[parameter]]));
  if (names.some((name) => !byName.has(name)))
    return invalid('Where clause does not contain a mandatory equality on all key attributes', table);
  const key = Object.fromEntries(names.map((name) => [name, byName.get(name)])) as Item;
  const expression = new ExpressionParts(parameters);
  const keyName = expression.name(names[0] ?? '');
  const write = { table, key, isItemAsked: isItemAsked && statement.kind !== 'insert' };
  if (statement.kind === 'insert') {
    const ConditionExpression = `attribute_not_exists(${keyName})`;
    const request = { TableName: table, Item: Object.fromEntries(byName), ConditionExpression };
    return {
      kind: 'write',
      write: { ...write, operation: 'PutItem', request: { ...request, ...expression.members() } },
    };
  }
  const conditions = statement.where
    .filter(({ name }) => !names.includes(name))
    .map((comparison) => expression.comparison(comparison));
  // DynamoDB changes nothing where the item is missing; the plain operations would make one.
  const ConditionExpression = [`attribute_exists(${keyName})`, ...conditions].join(' AND ');
  const base = { TableName: table, Key: key, ConditionExpression };
  if (statement.kind === 'delete')
    return {
      kind: 'write',
      write: { ...write, operation: 'DeleteItem', request: { ...base, ...expression.members() } },
    };
  const sets = statement.assignments.map((assignment) => expression.assignment(assignment));
  const request = { ...base, UpdateExpression: `SET ${sets.join(', ')}`, ...expression.members() };
  return { kind: 'write', write: { ...write, operation: 'UpdateItem', request } };
}

const equalities = (where: readonly Comparison[]): readonly Assignment[] =>
  where.filter(({ operator }) => operator === '=');

/** Collects names and values of an expression while it is written. */
class ExpressionParts {
  readonly #parameters: readonly unknown[];
  readonly #names: Record<string, string> = {};
  readonly #values: Record<string, unknown> = {};

  constructor(parameters: readonly unknown[]) {
    this.#parameters = parameters;
  }

  name(name: string): string {
    const known = Object.entries(this.#names).find(([, each]) => each === name)?.[0];
    const placeholder = known ?? `#n${Object.keys(this.#names).length}`;
    this.#names[placeholder] = name;
    return placeholder;
  }

  comparison({ name, operator, parameter }: Comparison): string {
    return `${this.name(name)} ${operator} ${this.#value(parameter)}`;
  }

  assignment({ name, parameter }: Assignment): string {
    return `${this.name(name)} = ${this.#value(parameter)}`;
  }

  members(): JsonObject {
    const hasValues = Object.keys(this.#values).length > 0;
    return {
      ExpressionAttributeNames: this.#names,
      ...(hasValues && { ExpressionAttributeValues: this.#values }),
    };
  }

  #value(parameter: number): string {
    const placeholder = `:v${parameter}`;
    this.#values[placeholder] = this.#parameters[parameter];
    return placeholder;
  }
}

const invalid = (message: string, table?: string): Planned => ({
  kind: 'error',
  code: 'ValidationError',
  message,
  ...(table !== undefined && { table }),
});

async function respond(context: PartiqlContext, planned: Planned): Promise<JsonObject> {
  if (planned.kind === 'error') {
    const { code: Code, message: Message, table } = planned;
    return { Error: { Code, Message }, ...(table !== undefined && { TableName: table }) };
  }
  const { table, key, operation, request, isItemAsked } = planned.write;
  const answer = await context.ask(operation, JSON.stringify(request));
  const fault = faultCodeOf(answer);
  if (fault === undefined) return { TableName: table };
  const Item = isItemAsked ? await readItem(context.ask, table, key) : undefined;
  return {
    TableName: table,
    Error: { ...errorOf(fault, operation, answer), ...(Item !== undefined && { Item }) },
  };
}

function errorOf(fault: string, operation: StatementWrite['operation'], answer: DynamoAnswer): JsonObject {
  if (fault === 'ConditionalCheckFailedException')
    return operation === 'PutItem'
      ? { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' }
      : { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' };
  const body = parseJsonObject(answer.body) ?? {};
  const code = Object.entries(EXCEPTIONS).find(([, exception]) => exception === fault)?.[0];
  return { Code: code ?? 'ValidationError', Message: body['message'] ?? body['Message'] };
}
