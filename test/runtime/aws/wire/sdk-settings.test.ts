import { DeleteMessageBatchCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { readSdkSettings } from '../../../../lib/runtime/aws/wire/sdk-settings.js';

interface Sent {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/Jobs';

/** Where the SDK itself sends a call, and where we would. */
async function bothWays(
  config: SQSClientConfig,
  queueUrl = QUEUE_URL,
): Promise<{ theirs: string; ours: string }> {
  const sent: Sent[] = [];
  const requestHandler = {
    handle: (request: Sent) => {
      sent.push(request);
      return Promise.reject(Object.assign(new Error('far enough'), { name: 'FarEnough' }));
    },
  };
  const client = new SQSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: requestHandler,
    logger: { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing },
    ...config,
  });
  const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: [] });
  await client.send(command).catch(() => undefined);
  const settings = await readSdkSettings(client);
  const { protocol, host, path } = settings.endpointOf(queueUrl);
  const request = sent[0]!;
  const scope = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
  return {
    theirs: `${request.protocol}//${request.headers['host'] ?? ''}${request.path} in ${scope}`,
    ours: `${protocol}//${host}${path} in ${settings.region}`,
  };
}

const nothing = (): void => undefined;

describe('the endpoint of a lean call', () => {
  it.each([
    { what: "the queue URL's host", config: {}, expected: 'https://sqs.eu-west-1.amazonaws.com/' },
    {
      what: "the queue URL's host, whatever region the client is of",
      config: { region: 'us-east-1' },
      expected: 'https://sqs.eu-west-1.amazonaws.com/',
    },
    {
      what: 'a custom endpoint with a port',
      config: { endpoint: 'http://127.0.0.1:4566' },
      expected: 'http://127.0.0.1:4566/',
    },
    {
      what: 'a custom endpoint with a path',
      config: { endpoint: 'https://proxy.example/aws/sqs' },
      expected: 'https://proxy.example/aws/sqs/',
    },
    {
      what: 'a custom endpoint that is an IPv6 address',
      config: { endpoint: 'http://[::1]:9324' },
      expected: 'http://[::1]:9324/',
    },
    {
      what: 'the regional endpoint',
      config: { useQueueUrlAsEndpoint: false, region: 'eu-central-1' },
      expected: 'https://sqs.eu-central-1.amazonaws.com/',
    },
    {
      what: 'the dual-stack endpoint',
      config: { useQueueUrlAsEndpoint: false, useDualstackEndpoint: true },
      expected: 'https://sqs.eu-west-1.api.aws/',
    },
    {
      what: 'the FIPS endpoint',
      config: { useQueueUrlAsEndpoint: false, useFipsEndpoint: true, region: 'us-east-1' },
      expected: 'https://sqs-fips.us-east-1.amazonaws.com/',
    },
    {
      what: 'the endpoint of China',
      config: { useQueueUrlAsEndpoint: false, region: 'cn-north-1' },
      expected: 'https://sqs.cn-north-1.amazonaws.com.cn/',
    },
  ])('is $what, as in the SDK', async ({ config, expected }) => {
    const { theirs, ours } = await bothWays(config);
    expect(ours).toBe(theirs);
    expect(ours).toBe(`${expected} in ${config.region ?? 'eu-west-1'}`);
  });

  it('has the port of a queue URL, as in the SDK', async () => {
    const { theirs, ours } = await bothWays({}, 'http://localhost:4566/000000000000/Jobs');
    expect(ours).toBe(theirs);
  });
});
