import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { WireEndpoint } from './http-pool.js';
import type { SigningCredentials } from './sigv4.js';

/** What the SDK has resolved of environment, profile and options. */
export interface SdkSettings {
  readonly region: string;
  /** The SDK's own chain, which keeps credentials until shortly before they expire. */
  readonly credentials: (options: { readonly forceRefresh: boolean }) => Promise<SigningCredentials>;
}

/** The settings of a client of SQS. */
export interface SqsSettings extends SdkSettings {
  /** Where calls for a queue go. */
  readonly endpointOf: (queueUrl: string) => WireEndpoint;
}

/** The settings of a client of SNS. */
export interface SnsSettings extends SdkSettings {
  readonly endpoint: WireEndpoint;
}

type Config = SQSClient['config'] | SNSClient['config'];

/**
 * Reads off an SDK client what its own requests would use: region, credentials, and the endpoint, which is the one that
 * was given, else the host of the queue's URL, else (`useQueueUrlAsEndpoint: false`) the one of the region with its
 * dual-stack and FIPS variants. No request is made with the client.
 */
export async function readSqsSettings({ config }: SQSClient): Promise<SqsSettings> {
  const settings = await readSettings(config);
  const fixed =
    (await givenEndpoint(config)) ??
    (config.useQueueUrlAsEndpoint ? undefined : await regionalEndpoint(config, settings.region));
  const byQueue = new Map<string, WireEndpoint>();
  return {
    ...settings,
    endpointOf: (queueUrl) => {
      const known = fixed ?? byQueue.get(queueUrl);
      if (known !== undefined) return known;
      const endpoint = endpointFrom(new URL(new URL(queueUrl).origin));
      byQueue.set(queueUrl, endpoint);
      return endpoint;
    },
  };
}

/** The same off a client of SNS: its endpoint is the one that was given, else the one of the region. */
export async function readSnsSettings({ config }: SNSClient): Promise<SnsSettings> {
  const settings = await readSettings(config);
  const endpoint = (await givenEndpoint(config)) ?? (await regionalEndpoint(config, settings.region));
  return { ...settings, endpoint };
}

async function readSettings(config: Config): Promise<SdkSettings> {
  return { region: await config.region(), credentials: (options) => config.credentials(options) };
}

async function givenEndpoint({ endpoint }: Config): Promise<WireEndpoint | undefined> {
  const given = await endpoint?.();
  if (given === undefined) return undefined;
  const { protocol, hostname, port, path } = given;
  return endpointFrom({ protocol, hostname, port: String(port ?? ''), pathname: path });
}

async function regionalEndpoint(config: Config, region: string): Promise<WireEndpoint> {
  const configured = config.serviceConfiguredEndpoint ? await config.serviceConfiguredEndpoint() : undefined;
  const { url } = config.endpointProvider({
    Region: region,
    UseDualStack: await config.useDualstackEndpoint(),
    UseFIPS: await config.useFipsEndpoint(),
    ...(configured !== undefined && { Endpoint: configured }),
  });
  return endpointFrom(url);
}

function endpointFrom(url: Pick<URL, 'protocol' | 'hostname' | 'port' | 'pathname'>): WireEndpoint {
  const protocol = url.protocol === 'http:' ? 'http:' : 'https:';
  const standard = protocol === 'http:' ? 80 : 443;
  const port = url.port === '' ? standard : Number(url.port);
  return {
    protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    path: url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`,
    host: port === standard ? url.hostname : `${url.hostname}:${port}`,
  };
}
