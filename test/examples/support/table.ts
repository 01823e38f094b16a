import { DynamoDBClient, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type { RunningTemplate } from './template.js';

/** Everything in a table of effects: partition key → its other attribute, as text. */
export async function effectsIn(
  { aws }: RunningTemplate,
  TableName: string,
): Promise<Readonly<Record<string, string>>> {
  const dynamodb = new DynamoDBClient(aws.clientConfig);
  try {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Object.fromEntries(
      Items.map(({ pk, ...rest }) => [pk?.S ?? '', Object.values(rest).map(textOf).join(' ')]),
    );
  } finally {
    dynamodb.destroy();
  }
}

const textOf = (value: AttributeValue): string =>
  value.L === undefined ? (value.S ?? value.N ?? '') : value.L.map(textOf).join(',');
