import { limitOf } from '../../contract/limits.js';
import { dynamoFault, dynamoOutput, faultCodeOf } from './dynamo-answers.js';
import { openDynalite, type DynaliteExchange, type DynamoAnswer } from './dynalite-exchange.js';
import { isJsonObject, parseJsonObject, pickAttributes, type Item, type JsonObject } from './item.js';
import { Isolation } from './isolation.js';
import { batchExecute, executeStatement } from './partiql.js';
import { RequestTokens } from './request-tokens.js';
import { TableSettings } from './table-settings.js';
import { KeySchemas, readItem } from './tables.js';
import { TimeToLive } from './time-to-live.js';
import { transactGet, transactWrite, type TransactionContext } from './transactions.js';

/** What the local DynamoDB is made with. */
export interface DynamoOptions {
  readonly region: string;
  readonly accountId: string;
  /** Milliseconds that a table stays CREATING or DELETING. @default 20 */
  readonly tableTransitionMs?: number | undefined;
  /** How long after its expiry an item may still be there. @default 300,000: late, as at AWS, but within a test's patience */
  readonly ttlLatenessMs?: number | undefined;
}

/** Defaults of {@link DynamoOptions}. */
export const DYNAMO_DEFAULTS = Object.freeze({ tableTransitionMs: 20, ttlLatenessMs: 300_000 });

/** DynamoDB behind the emulator's port. */
export interface DynamoService {
  /** Answers one call, JSON text in and out. */
  call(operation: string, body: string, now: number): Promise<DynamoAnswer>;
  /** Deletes items whose time to live is long over; the owner decides how often. */
  sweep(now: number): Promise<number>;
  /** Whether there is anything to sweep. */
  readonly hasExpiringTables: boolean;
}

/** Operations that dynalite does by itself. */
const PASSED_ON: ReadonlySet<string> = new Set([
  'BatchGetItem',
  'BatchWriteItem',
  'GetItem',
  'ListTables',
  'ListTagsOfResource',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
]);
const DESCRIBING: ReadonlySet<string> = new Set([
  'CreateTable',
  'DeleteTable',
  'DescribeTable',
  'UpdateTable',
]);
const WRITING: ReadonlySet<string> = new Set(['DeleteItem', 'PutItem', 'UpdateItem']);

/**
 * Opens an empty DynamoDB: dynalite, and around it what it lacks: transactions (atomic, isolated, idempotent by token),
 * the item in failed conditions, time to live that deletes late, and the settings CloudFormation makes.
 * @throws {DEPENDENCY_MISSING} when dynalite is not installed
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html
 */
export async function openDynamoService(options: DynamoOptions): Promise<DynamoService> {
  const raw = await openDynalite(options.tableTransitionMs ?? DYNAMO_DEFAULTS.tableTransitionMs);
  return new LocalDynamo(raw, options);
}

class LocalDynamo implements DynamoService {
  readonly #ask: DynaliteExchange;
  readonly #arnPrefix: string;
  readonly #isolation = new Isolation();
  readonly #tokens = new RequestTokens();
  readonly #schemas: KeySchemas;
  readonly #settings: TableSettings;
  readonly #ttl: TimeToLive;

  constructor(ask: DynaliteExchange, options: DynamoOptions) {
    this.#ask = ask;
    this.#arnPrefix = `arn:aws:dynamodb:${options.region}:${options.accountId}:`;
    this.#schemas = new KeySchemas(ask);
    this.#settings = new TableSettings(this.#schemas);
    this.#ttl = new TimeToLive(ask, this.#schemas, options.ttlLatenessMs ?? DYNAMO_DEFAULTS.ttlLatenessMs);
  }

  get hasExpiringTables(): boolean {
    return this.#ttl.isUsed;
  }

  sweep(now: number): Promise<number> {
    return this.#isolation.shared(() => this.#ttl.sweep(now));
  }

  call(operation: string, body: string, now: number): Promise<DynamoAnswer> {
    if (WRITING.has(operation)) return this.#write(operation, body);
    if (PASSED_ON.has(operation)) return this.#isolation.shared(() => this.#ask(operation, body));
    const request = parseJsonObject(body);
    if (request === undefined)
      return Promise.resolve(dynamoFault('SerializationException', 'the body is no JSON object'));
    return this.#isolation.exclusive(() => this.#perform(operation, request, { body, now }));
  }

  #perform(
    operation: string,
    request: JsonObject,
    { body, now }: { readonly body: string; readonly now: number },
  ): Promise<DynamoAnswer> {
    if (DESCRIBING.has(operation)) return this.#changeTable(operation, request, body);
    switch (operation) {
      case 'TransactWriteItems':
        return this.#transactWrite(request, body, now);
      case 'TransactGetItems':
        return transactGet(this.#context(), request);
      case 'BatchExecuteStatement':
        return batchExecute(this.#context(), request);
      case 'ExecuteStatement':
        return executeStatement(this.#context(), request);
      case 'UpdateTimeToLive':
        return this.#ttl.update(request);
      case 'DescribeTimeToLive':
        return this.#ttl.describe(request);
      case 'DescribeContinuousBackups':
      case 'UpdateContinuousBackups':
        return this.#settings.backups(request);
      default:
        return Promise.resolve(
          dynamoFault(
            'UnknownOperationException',
            `${operation} is not emulated; see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_${operation}.html`,
          ),
        );
    }
  }

  /** A failed condition is asked for its item in isolation: between the two steps nobody may change it. */
  #write(operation: string, body: string): Promise<DynamoAnswer> {
    if (!body.includes('"ReturnValuesOnConditionCheckFailure"'))
      return this.#isolation.shared(() => this.#ask(operation, body));
    return this.#isolation.exclusive(async () => {
      const answer = await this.#ask(operation, body);
      const request = parseJsonObject(body);
      const isAsked = request?.['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD';
      if (!isAsked || faultCodeOf(answer) !== 'ConditionalCheckFailedException') return answer;
      const item = await this.#itemOf(request);
      const fault = parseJsonObject(answer.body) ?? {};
      return item === undefined ? answer : { ...answer, body: JSON.stringify({ ...fault, Item: item }) };
    });
  }

  async #itemOf(request: JsonObject): Promise<Item | undefined> {
    const table = String(request['TableName']);
    const named = request['Key'] ?? request['Item'];
    const names = await this.#schemas.of(table);
    if (!isJsonObject(named) || names === undefined) return undefined;
    return readItem(this.#ask, table, pickAttributes(named as Item, names));
  }

  async #changeTable(operation: string, request: JsonObject, body: string): Promise<DynamoAnswer> {
    const table = String(request['TableName']);
    const misfit = tableMisfit(request);
    if (misfit !== undefined) return misfit;
    if (operation === 'DeleteTable') {
      const isKept = this.#settings.deletionMisfit(table);
      if (isKept !== undefined) return isKept;
    }
    const answer = isSettingsOnly(operation, request)
      ? await this.#ask('DescribeTable', JSON.stringify({ TableName: table }))
      : await this.#ask(operation, body);
    if (answer.status !== 200) return answer;
    if (operation === 'CreateTable' || operation === 'UpdateTable') this.#settings.take(request);
    const described = this.#relabel(this.#settings.describe(answer));
    if (operation === 'DeleteTable') this.#forget(table);
    return isSettingsOnly(operation, request)
      ? { ...described, body: described.body.replace('"Table":', '"TableDescription":') }
      : described;
  }

  #forget(table: string): void {
    this.#schemas.forget(table);
    this.#settings.forget(table);
    this.#ttl.forget(table);
  }

  /** dynalite takes region and account of its ARNs from the environment; ours are given. */
  #relabel(answer: DynamoAnswer): DynamoAnswer {
    return { ...answer, body: answer.body.replace(/arn:aws:dynamodb:[^:"]*:[^:"]*:/g, this.#arnPrefix) };
  }

  async #transactWrite(request: JsonObject, body: string, now: number): Promise<DynamoAnswer> {
    if (Buffer.byteLength(body) > limitOf('dynamodb.transaction.maxBytes'))
      return dynamoFault('ValidationException', 'Transaction request size has exceeded the 4 MB limit');
    const token = request['ClientRequestToken'];
    const items = JSON.stringify(request['TransactItems']);
    const state = typeof token === 'string' ? this.#tokens.stateOf(token, items, now) : 'new';
    if (state === 'done') return dynamoOutput({});
    if (state === 'mismatch')
      return dynamoFault(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request.',
      );
    const answer = await transactWrite(this.#context(), request);
    if (answer.status === 200 && typeof token === 'string') this.#tokens.remember(token, items, now);
    return answer;
  }

  #context(): TransactionContext {
    return { ask: this.#ask, schemas: this.#schemas };
  }
}

/** An UpdateTable that only sets what is kept here: dynalite would refuse it as empty. */
const isSettingsOnly = (operation: string, request: JsonObject): boolean =>
  operation === 'UpdateTable' &&
  'DeletionProtectionEnabled' in request &&
  !['ProvisionedThroughput', 'BillingMode', 'GlobalSecondaryIndexUpdates'].some((name) => name in request);

function tableMisfit(request: JsonObject): DynamoAnswer | undefined {
  const stream = request['StreamSpecification'];
  if (!isJsonObject(stream) || stream['StreamEnabled'] !== true) return undefined;
  return dynamoFault(
    'ValidationException',
    'DynamoDB Streams are not emulated; see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html',
  );
}
