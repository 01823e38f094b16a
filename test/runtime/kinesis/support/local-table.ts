import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** A table with HASH key `leaseKey`, ready to be used; returns its name. */
export async function createLeaseTable(client: DynamoDBClient, name: string): Promise<string> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'leaseKey', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
    }),
  );
  for (let status = ''; status !== 'ACTIVE';) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    status = Table?.TableStatus ?? '';
  }
  return name;
}
