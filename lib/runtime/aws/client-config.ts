import type { AwsTarget } from './load-sdk.js';

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** Region and endpoint as the SDK's clients take them; credentials are the environment's. */
export function clientConfig({ region, endpoint }: AwsTarget): {
  readonly region: string;
  readonly endpoint?: string;
} {
  return { region, ...(endpoint !== undefined && { endpoint }) };
}

/** Ends what hangs: a lease must not wait for a dead socket. */
export const HTTP1_HANDLER = Object.freeze({
  connectionTimeout: CONNECT_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  throwOnRequestTimeout: true,
});

/**
 * The same for the HTTP/2 sessions of the Kinesis client. One stream per session, which is also the SDK's own default:
 * pages of several megabytes side by side on one session run into the session's memory limit and are refused.
 */
export const HTTP2_HANDLER = Object.freeze({
  requestTimeout: REQUEST_TIMEOUT_MS,
  disableConcurrentStreams: true,
});
