import type {
  AttributeValue,
  DeleteItemCommandInput,
  DynamoDBClient,
  PutItemCommandInput,
  TransactWriteItem,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { http1Config } from '../aws/client-config.js';
import { loadDynamoModule, type AwsTarget } from '../aws/load-sdk.js';
import type { Item } from './lease-items.js';

/** The calls to DynamoDB that a lease store makes, for one table; throws what the SDK threw. */
export interface LeaseTableApi {
  readonly table: string;
  get(leaseKey: string): Promise<Item | undefined>;
  /** Every item of the table, no older than the last write before the call. */
  scan(): Promise<readonly Item[]>;
  put(input: Omit<PutItemCommandInput, 'TableName'>): Promise<void>;
  /** Answers the attributes that `ReturnValues` asked for. */
  update(
    leaseKey: string,
    input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
  ): Promise<Item | undefined>;
  remove(leaseKey: string, input: Omit<DeleteItemCommandInput, 'TableName' | 'Key'>): Promise<void>;
  /** All or nothing; the SDK's own second attempt is known by its token and done once. */
  transactWrite(items: readonly TransactWriteItem[]): Promise<void>;
  /** Closes the sockets this adapter opened; a client that was passed in stays open. */
  close(): void;
}

/** The calls over SDK v3. */
export async function createLeaseTableApi(
  target: AwsTarget,
  table: string,
  given?: DynamoDBClient,
): Promise<LeaseTableApi> {
  const sdk = await loadDynamoModule();
  const client = given ?? new sdk.DynamoDBClient(http1Config(target));
  const keyOf = (leaseKey: string): { TableName: string; Key: Record<string, AttributeValue> } => ({
    TableName: table,
    Key: { leaseKey: { S: leaseKey } },
  });
  return {
    table,
    get: async (leaseKey) => (await client.send(new sdk.GetItemCommand(keyOf(leaseKey)))).Item,
    async scan() {
      const items: Item[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        // Consistent: a child's lease must not be seen before its parents', which were written first.
        const input = { TableName: table, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) };
        const page = await client.send(new sdk.ScanCommand(input));
        items.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return items;
    },
    async put(input) {
      await client.send(new sdk.PutItemCommand({ TableName: table, ...input }));
    },
    update: async (leaseKey, input) =>
      (await client.send(new sdk.UpdateItemCommand({ ...keyOf(leaseKey), ...input }))).Attributes,
    async remove(leaseKey, input) {
      await client.send(new sdk.DeleteItemCommand({ ...keyOf(leaseKey), ...input }));
    },
    async transactWrite(items) {
      await client.send(new sdk.TransactWriteItemsCommand({ TransactItems: [...items] }));
    },
    close() {
      if (given === undefined) client.destroy();
    },
  };
}
