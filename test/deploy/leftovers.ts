import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { EngineConfig } from './probe.js';

/** Everything there is of the kinds that hold data: `queue https://…/name`. */
export async function inventory(aws: EngineConfig): Promise<readonly string[]> {
  const clients = {
    sqs: new SQSClient(aws),
    sns: new SNSClient(aws),
    kinesis: new KinesisClient(aws),
    dynamodb: new DynamoDBClient(aws),
    s3: new S3Client({ ...aws, forcePathStyle: true }),
  };
  try {
    const [queues, topics, streams, tables, buckets] = await Promise.all([
      clients.sqs.send(new ListQueuesCommand({ MaxResults: 1_000 })),
      clients.sns.send(new ListTopicsCommand()),
      clients.kinesis.send(new ListStreamsCommand({ Limit: 1_000 })),
      clients.dynamodb.send(new ListTablesCommand()),
      clients.s3.send(new ListBucketsCommand()),
    ]);
    return [
      ...named(
        'queue',
        (queues.QueueUrls ?? []).map((url) => url.slice(url.lastIndexOf('/') + 1)),
      ),
      ...named(
        'topic',
        (topics.Topics ?? []).map(({ TopicArn = '' }) => TopicArn.slice(TopicArn.lastIndexOf(':') + 1)),
      ),
      ...named('stream', streams.StreamNames ?? []),
      ...named('table', tables.TableNames ?? []),
      ...named(
        'bucket',
        (buckets.Buckets ?? []).map(({ Name = '' }) => Name),
      ),
    ].sort();
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

const named = (kind: string, names: readonly string[]): readonly string[] =>
  names.map((name) => `${kind} ${name}`);
