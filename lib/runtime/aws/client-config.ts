import type { AwsTarget } from './load-sdk.js';

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** What every SDK client is told of where it talks to; credentials are the environment's. */
export interface TargetConfig {
  readonly region: string;
  readonly endpoint?: string;
}

/**
 * A client over HTTP/1.1 that ends what hangs: neither a lease nor a renewal may wait for a dead socket.
 * @param requestTimeout milliseconds for one answer; longer for long polls
 */
export function http1Config(target: AwsTarget, requestTimeout = REQUEST_TIMEOUT_MS) {
  return {
    ...targetConfig(target),
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout, throwOnRequestTimeout: true },
  };
}

/**
 * The same over HTTP/2, which the Kinesis client speaks. One stream per session, which is also the SDK's own default:
 * pages of several megabytes side by side on one session run into the session's memory limit and are refused.
 */
export function http2Config(target: AwsTarget) {
  return {
    ...targetConfig(target),
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, disableConcurrentStreams: true },
  };
}

function targetConfig({ region, endpoint }: AwsTarget): TargetConfig {
  return { region, ...(endpoint !== undefined && { endpoint }) };
}
