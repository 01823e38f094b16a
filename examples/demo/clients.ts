import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

/** Plain SDK clients of the demo itself: for its ledger, its poison, and its resharding. */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/** How the clients reach AWS. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Opens one client per service. */
export function createClients(config: ClientConfig): Clients {
  return {
    dynamodb: new DynamoDBClient(config),
    kinesis: new KinesisClient(config),
    sns: new SNSClient(config),
    sqs: new SQSClient(config),
  };
}

/** Closes their sockets. */
export function destroyClients({ dynamodb, kinesis, sns, sqs }: Clients): void {
  for (const client of [dynamodb, kinesis, sns, sqs]) client.destroy();
}
