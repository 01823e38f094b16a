import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SdkRequestHandler } from '../../lib/testing/index.js';

/** The SDK clients of one simulated process: real ones, whose requests end in a handler. */
export interface SdkClients {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
}

interface PooledClients {
  readonly clients: SdkClients;
  /** Where their requests go. */
  connect(handle: SdkRequestHandler['handle']): void;
}

/** A client costs a millisecond of warming up, and a run needs many: those of finished runs are taken again. */
const idle: PooledClients[] = [];

/** Lends clients to a process; give them back when its run is over and nothing of it can call any more. */
export function borrowClients(handle: SdkRequestHandler['handle']): {
  readonly clients: SdkClients;
  giveBack(): void;
} {
  const pooled = idle.pop() ?? createClients();
  pooled.connect(handle);
  return { clients: pooled.clients, giveBack: () => void idle.push(pooled) };
}

/** Does nothing here but take time: one try, no signature, nobody to read the headers. */
const IDLE_MIDDLEWARE = [
  'loggerMiddleware',
  'contentLengthMiddleware',
  'getUserAgentMiddleware',
  'recursionDetectionMiddleware',
  'retryMiddleware',
  'httpSigningMiddleware',
] as const;

const ENDPOINT = Object.freeze({ url: new URL('http://127.0.0.1') });

function createClients(): PooledClients {
  const line = { handle: refuse };
  const requestHandler: SdkRequestHandler = {
    metadata: { handlerProtocol: 'h2' },
    handle: (request, options) => line.handle(request, options),
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
  const config = {
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1',
    credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
    requestHandler,
    // The SDK's own retries would wait on the machine's clock, and signatures are most of a call's cost.
    maxAttempts: 1,
    retryMode: 'standard',
    signer: { sign: <Request>(request: Request) => Promise.resolve(request) },
    // The rules that find an endpoint are long, and it is always the same here.
    endpointProvider: () => ENDPOINT,
  };
  const clients = { sqs: new SQSClient({ ...config, md5: false }), dynamodb: new DynamoDBClient(config) };
  for (const name of IDLE_MIDDLEWARE) {
    clients.sqs.middlewareStack.remove(name);
    clients.dynamodb.middlewareStack.remove(name);
  }
  return {
    clients,
    connect: (handle) => void (line.handle = handle),
  };
}

const refuse: SdkRequestHandler['handle'] = () =>
  Promise.reject(new Error('these clients belong to no process'));
