import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { Kinesis } from '@aws-sdk/client-kinesis';
import type { S3 } from '@aws-sdk/client-s3';
import type { SNS } from '@aws-sdk/client-sns';
import type { SQS, SQSClientConfig } from '@aws-sdk/client-sqs';
import { MillraceError } from '../core/errors.js';
import { errorCode } from './aws-error.js';

/** Credentials as the AWS SDK takes them. */
export interface AwsCredentials {
  /** Of the user or role. */
  readonly accessKeyId: string;
  /** What requests are signed with. */
  readonly secretAccessKey: string;
  /** Of temporary credentials. @default - they are permanent */
  readonly sessionToken?: string;
  /** Account they belong to, where the provider tells it. */
  readonly accountId?: string;
}

/** Where a deployment goes: configuration for SDK clients of all services. */
export interface AwsTarget {
  /** Base URL of an AWS-compatible API, e.g. `http://127.0.0.1:4566`. @default - AWS itself */
  readonly endpoint?: string;
  /** The Region to deploy to, also of an emulator. */
  readonly region: string;
  /** @default - the SDK's own chain: environment, profiles, roles */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  /** Takes the place of the SDK's HTTP transport, in tests. @default - the SDK's own */
  readonly requestHandler?: NonNullable<SQSClientConfig['requestHandler']>;
}

/** SDK clients, made when first asked for: a template without tables needs no DynamoDB client installed. */
export interface AwsClients {
  sqs(): Promise<SQS>;
  sns(): Promise<SNS>;
  kinesis(): Promise<Kinesis>;
  dynamodb(): Promise<DynamoDB>;
  s3(): Promise<S3>;
  /** Closes what was opened; asking for a client afterwards makes a new one. */
  close(): Promise<void>;
}

interface Closable {
  destroy(): void;
}

/**
 * Makes the clients of a target.
 * @throws {DEPENDENCY_MISSING} from the methods: the client's package is not installed
 */
export function createAwsClients(target: AwsTarget): AwsClients {
  const open = new Map<string, Promise<Closable>>();
  const { credentials } = target;
  const config = {
    region: target.region,
    ...(target.endpoint !== undefined && { endpoint: target.endpoint }),
    ...(target.requestHandler !== undefined && { requestHandler: target.requestHandler }),
    ...(credentials !== undefined && { credentials }),
  };
  const once = <Client extends Closable>(service: string, make: () => Promise<Client>): Promise<Client> => {
    const made =
      (open.get(service) as Promise<Client> | undefined) ??
      make().catch((error: unknown) => missing(service, error));
    open.set(service, made);
    return made;
  };
  return {
    sqs: () => once('sqs', async () => new (await import('@aws-sdk/client-sqs')).SQS(config)),
    sns: () => once('sns', async () => new (await import('@aws-sdk/client-sns')).SNS(config)),
    kinesis: () => once('kinesis', async () => new (await import('@aws-sdk/client-kinesis')).Kinesis(config)),
    dynamodb: () =>
      once('dynamodb', async () => new (await import('@aws-sdk/client-dynamodb')).DynamoDB(config)),
    // Buckets as host names resolve at AWS only.
    s3: () =>
      once(
        's3',
        async () =>
          new (await import('@aws-sdk/client-s3')).S3({
            ...config,
            forcePathStyle: target.endpoint !== undefined,
          }),
      ),
    close: async () => {
      const clients = await Promise.allSettled(open.values());
      open.clear();
      for (const client of clients) if (client.status === 'fulfilled') client.value.destroy();
    },
  };
}

function missing(service: string, error: unknown): never {
  const code = errorCode(error);
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
  throw new MillraceError(
    'DEPENDENCY_MISSING',
    `the template needs ${service}, but @aws-sdk/client-${service} is not installed: npm install @aws-sdk/client-${service}`,
    { cause: error },
  );
}
