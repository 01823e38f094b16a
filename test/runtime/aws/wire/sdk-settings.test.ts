import { PublishBatchCommand, SNSClient, type SNSClientConfig } from '@aws-sdk/client-sns';
import { DeleteMessageBatchCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import type { WireEndpoint } from '../../../../lib/runtime/aws/wire/http-pool.js';
import { readSnsSettings, readSqsSettings } from '../../../../lib/runtime/aws/wire/sdk-settings.js';

interface Sent {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/Jobs';

type Settings = Pick<SQSClientConfig & SNSClientConfig, 'requestHandler' | 'logger' | 'credentials'>;

/** What a client is made with whose requests are kept and go nowhere. */
function nowhere(sent: Sent[]): Settings & { readonly maxAttempts: number } {
  const requestHandler = {
    handle: (request: Sent) => {
      sent.push(request);
      return Promise.reject(Object.assign(new Error('far enough'), { name: 'FarEnough' }));
    },
  };
  return {
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler,
    logger: { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing },
  };
}

const theirsOf = (request: Sent): string => {
  const scope = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
  return `${request.protocol}//${request.headers['host'] ?? ''}${request.path} in ${scope}`;
};

const oursOf = ({ protocol, host, path }: WireEndpoint, region: string): string =>
  `${protocol}//${host}${path} in ${region}`;

/** Where the SDK itself sends a call, and where we would. */
async function bothWays(
  config: SQSClientConfig,
  queueUrl = QUEUE_URL,
): Promise<{ theirs: string; ours: string }> {
  const sent: Sent[] = [];
  const client = new SQSClient({ region: 'eu-west-1', ...nowhere(sent), ...config });
  const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: [] });
  await client.send(command).catch(() => undefined);
  const settings = await readSqsSettings(client);
  return { theirs: theirsOf(sent[0]!), ours: oursOf(settings.endpointOf(queueUrl), settings.region) };
}

/** The same of a call to SNS. */
async function bothWaysToSns(config: SNSClientConfig): Promise<{ theirs: string; ours: string }> {
  const sent: Sent[] = [];
  const client = new SNSClient({ region: 'eu-west-1', ...nowhere(sent), ...config });
  const command = new PublishBatchCommand({
    TopicArn: 'arn:aws:sns:eu-west-1:1:T',
    PublishBatchRequestEntries: [],
  });
  await client.send(command).catch(() => undefined);
  const { endpoint, region } = await readSnsSettings(client);
  return { theirs: theirsOf(sent[0]!), ours: oursOf(endpoint, region) };
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

  it.each([
    { what: 'the regional endpoint', config: {}, expected: 'https://sns.eu-west-1.amazonaws.com/' },
    {
      what: 'a custom endpoint with a path',
      config: { endpoint: 'http://127.0.0.1:4566/sns' },
      expected: 'http://127.0.0.1:4566/sns/',
    },
    {
      what: 'the dual-stack endpoint',
      config: { useDualstackEndpoint: true },
      expected: 'https://sns.eu-west-1.api.aws/',
    },
    {
      what: 'the FIPS endpoint',
      config: { useFipsEndpoint: true, region: 'us-east-1' },
      expected: 'https://sns-fips.us-east-1.amazonaws.com/',
    },
    {
      what: 'the FIPS endpoint of GovCloud',
      config: { useFipsEndpoint: true, region: 'us-gov-west-1' },
      expected: 'https://sns.us-gov-west-1.amazonaws.com/',
    },
    {
      what: 'the endpoint of China',
      config: { region: 'cn-north-1' },
      expected: 'https://sns.cn-north-1.amazonaws.com.cn/',
    },
  ])('of SNS is $what, as in the SDK', async ({ config, expected }) => {
    const { theirs, ours } = await bothWaysToSns(config);
    expect(ours).toBe(theirs);
    expect(ours).toBe(`${expected} in ${config.region ?? 'eu-west-1'}`);
  });
});
