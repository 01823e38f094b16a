import type {
  AttributeValue,
  BatchStatementRequest,
  BatchStatementResponse,
  DynamoDBClient,
  GetItemCommandInput,
  PutItemCommandInput,
  TransactWriteItem,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { http1Config } from './client-config.js';
import { loadDynamoModule, type AwsTarget } from './load-sdk.js';

/** An item as DynamoDB stores it. */
export type DynamoItem = Readonly<Record<string, AttributeValue>>;

/** One write of a transaction: put, update, delete or condition check, as the SDK spells it. */
export type TransactionWrite = TransactWriteItem;

/** What a batch of reads brought. */
export interface BatchGetAnswer {
  /** Items that were found, in any order. */
  readonly items: readonly DynamoItem[];
  /** Keys that were not looked up: ask again later. */
  readonly unprocessed: readonly string[];
}

/** The part of DynamoDB the runtime uses; throws what the SDK threw, for `classifyAwsError`. */
export interface DynamoApi {
  get(input: GetItemCommandInput): Promise<DynamoItem | undefined>;
  put(input: PutItemCommandInput): Promise<void>;
  /** Answers the attributes that `ReturnValues` asked for. */
  update(input: UpdateItemCommandInput): Promise<DynamoItem>;
  /**
   * Up to 25 writes in PartiQL, no two on one item; each succeeds or fails by itself, in the order given.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
   */
  batchStatements(statements: readonly BatchStatementRequest[]): Promise<readonly BatchStatementResponse[]>;
  /**
   * Up to 100 consistent reads by `pk`, no two of one item.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
   */
  batchGet(table: string, keys: readonly string[]): Promise<BatchGetAnswer>;
  /** All or nothing. The same token within ten minutes is the same transaction, done once. */
  transactWrite(writes: readonly TransactionWrite[], token: string): Promise<void>;
  /** Closes the sockets this adapter opened; a client that was passed in stays open. */
  close(): void;
}

/** DynamoDB answers within milliseconds. A renewal that hangs must leave time for another: 9 s at 30 s of visibility timeout. */
const CALL_TIMEOUT_MS = 3_000;

/** The DynamoDB port over SDK v3. */
export async function createDynamoApi(target: AwsTarget, client?: DynamoDBClient): Promise<DynamoApi> {
  const sdk = await loadDynamoModule();
  const dynamo = client ?? new sdk.DynamoDBClient(http1Config(target, CALL_TIMEOUT_MS));
  return {
    get: async (input) => (await dynamo.send(new sdk.GetItemCommand(input))).Item,
    put: async (input) => {
      await dynamo.send(new sdk.PutItemCommand(input));
    },
    update: async (input) => (await dynamo.send(new sdk.UpdateItemCommand(input))).Attributes ?? {},
    batchStatements: async (statements) => {
      const command = new sdk.BatchExecuteStatementCommand({ Statements: [...statements] });
      return (await dynamo.send(command)).Responses ?? [];
    },
    batchGet: async (table, keys) => {
      const asked = { Keys: keys.map((pk) => ({ pk: { S: pk } })), ConsistentRead: true };
      const answer = await dynamo.send(new sdk.BatchGetItemCommand({ RequestItems: { [table]: asked } }));
      const unprocessed = answer.UnprocessedKeys?.[table]?.Keys ?? [];
      return {
        items: answer.Responses?.[table] ?? [],
        unprocessed: unprocessed.map((key) => key['pk']?.S ?? ''),
      };
    },
    transactWrite: async (writes, token) => {
      await dynamo.send(
        new sdk.TransactWriteItemsCommand({ TransactItems: [...writes], ClientRequestToken: token }),
      );
    },
    close: () => {
      if (client === undefined) dynamo.destroy();
    },
  };
}
