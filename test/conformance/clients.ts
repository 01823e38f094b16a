import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

import type { Clients } from './conformance-case.js';
import type { EngineAdapter, RunningEngine } from './engines/engine.js';

const REQUEST_TIMEOUT_MS = 30_000;

/** Clients of one engine, without retries: a case is about one answer. */
export interface EngineClients extends Clients {
  destroy(): void;
}

/** The real SDK clients against an engine's endpoint; against AWS itself they take region and credentials as usual. */
export function createClients(
  adapter: Pick<EngineAdapter, 'transport'>,
  { endpoint }: Pick<RunningEngine, 'endpoint'>,
): EngineClients {
  const local =
    endpoint === undefined
      ? {}
      : {
          endpoint,
          region: 'us-east-1',
          // Loopback has no names of buckets in front of it.
          forcePathStyle: true,
          credentials: { accessKeyId: 'conformance', secretAccessKey: 'none' },
        };
  const config = { ...local, maxAttempts: endpoint === undefined ? 3 : 1 };
  const requestHandler = { requestTimeout: REQUEST_TIMEOUT_MS };
  const sqs = new SQSClient({ ...config, requestHandler });
  const sns = new SNSClient({ ...config, requestHandler });
  const dynamodb = new DynamoDBClient({ ...config, requestHandler });
  const s3 = new S3Client({ ...config, requestHandler });
  // The Kinesis client speaks HTTP/2 by default; another client's handler makes it speak HTTP/1.1.
  const kinesis = new KinesisClient({
    ...config,
    ...(adapter.transport === 'http1' ? { requestHandler: dynamodb.config.requestHandler } : {}),
  });
  return {
    sqs,
    sns,
    dynamodb,
    kinesis,
    s3,
    destroy: () => {
      for (const client of [sqs, sns, dynamodb, kinesis, s3]) client.destroy();
    },
  };
}
