import type { SQSClient } from '@aws-sdk/client-sqs';
import type { WireEndpoint } from './http-pool.js';
import type { SigningCredentials } from './sigv4.js';

/** What the SDK has resolved of environment, profile and options. */
export interface SdkSettings {
  readonly region: string;
  /** The SDK's own chain, which keeps credentials until shortly before they expire. */
  readonly credentials: (options: { readonly forceRefresh: boolean }) => Promise<SigningCredentials>;
  /** Where calls for a queue go. */
  readonly endpointOf: (queueUrl: string) => WireEndpoint;
}

/**
 * Reads off an SDK client what its own requests would use: region, credentials, and the endpoint, which is the one that
 * was given, else the host of the queue's URL, else (`useQueueUrlAsEndpoint: false`) the one of the region with its
 * dual-stack and FIPS variants. No request is made with the client.
 */
export async function readSdkSettings({ config }: SQSClient): Promise<SdkSettings> {
  const region = await config.region();
  const custom = config.endpoint === undefined ? undefined : await config.endpoint();
  const fixed =
    custom !== undefined
      ? endpointFrom({
          protocol: custom.protocol,
          hostname: custom.hostname,
          port: String(custom.port ?? ''),
          pathname: custom.path,
        })
      : config.useQueueUrlAsEndpoint
        ? undefined
        : await regionalEndpoint(config, region);
  const byQueue = new Map<string, WireEndpoint>();
  return {
    region,
    credentials: (options) => config.credentials(options),
    endpointOf: (queueUrl) => {
      const known = fixed ?? byQueue.get(queueUrl);
      if (known !== undefined) return known;
      const endpoint = endpointFrom(new URL(new URL(queueUrl).origin));
      byQueue.set(queueUrl, endpoint);
      return endpoint;
    },
  };
}

async function regionalEndpoint(config: SQSClient['config'], region: string): Promise<WireEndpoint> {
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
