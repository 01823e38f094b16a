import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Readable } from 'node:stream';

/** Answers one call of the AWS JSON protocols, or throws an {@link AwsFault} or a network error. */
export type Script = (operation: string, input: Record<string, unknown>, signal?: AbortSignal) => unknown;

/** A refusal by the service. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, unknown>;

  constructor(code: string, status = 400, details: Record<string, unknown> = {}) {
    super(code);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** One call that was made. */
export interface Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

interface Request {
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** The real SDK clients over a scripted transport: serialisation, retries and checksums are the SDK's own. */
export function scriptedAws(script: Script): {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamodb: DynamoDBClient;
  readonly calls: Call[];
} {
  const calls: Call[] = [];
  const requestHandler = {
    handle: async (request: Request, options: { abortSignal?: AbortSignal } = {}) => {
      const { operation, input } = readRequest(request);
      calls.push({ operation, input });
      try {
        return respond(200, await script(operation, input, options.abortSignal));
      } catch (error) {
        if (!(error instanceof AwsFault)) throw error;
        return respond(error.status, { __type: error.code, message: 'scripted', ...error.details });
      }
    },
    destroy: () => undefined,
    metadata: { handlerProtocol: 'http/1.1' },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
  const config = {
    region: 'eu-west-1',
    endpoint: 'http://scripted.invalid',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: requestHandler as never,
  };
  return {
    sqs: new SQSClient({ ...config, md5: false }),
    sns: new SNSClient(config),
    dynamodb: new DynamoDBClient(config),
    calls,
  };
}

function readRequest({ headers, body }: Request): Call {
  const text = typeof body === 'string' ? body : textOf(body as Uint8Array);
  const target = headers['x-amz-target'];
  if (target === undefined) throw new Error('the scripted transport speaks the AWS JSON protocols only');
  return {
    operation: target.split('.')[1] ?? '',
    input: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

function respond(statusCode: number, output: unknown) {
  return {
    response: {
      statusCode,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'scripted' },
      body: Readable.from([Buffer.from(JSON.stringify(output ?? {}))]),
    },
  };
}

/** A promise that never settles by itself, but ends like an aborted call. */
export function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () =>
      reject(Object.assign(new Error('aborted'), { name: 'AbortError' })),
    );
  });
}
