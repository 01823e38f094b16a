import type {
  AttributeValue,
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

/** The part of DynamoDB the runtime uses; throws what the SDK threw, for `classifyAwsError`. */
export interface DynamoApi {
  get(input: GetItemCommandInput): Promise<DynamoItem | undefined>;
  put(input: PutItemCommandInput): Promise<void>;
  /** Answers the attributes that `ReturnValues` asked for. */
  update(input: UpdateItemCommandInput): Promise<DynamoItem>;
  /** All or nothing. The same token within ten minutes is the same transaction, done once. */
  transactWrite(writes: readonly TransactionWrite[], token: string): Promise<void>;
  /** Closes the sockets this adapter opened; a client that was passed in stays open. */
  close(): void;
}

const CALL_TIMEOUT_MS = 10_000;

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
