import { MillraceError } from '../../core/errors.js';

/** Where a binding says that AWS answers. */
export interface ClientTarget {
  readonly region: string;
  readonly endpoint?: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** Region and endpoint as the SDK's clients take them; credentials are the environment's. */
export function clientConfig({ region, endpoint }: ClientTarget): {
  readonly region: string;
  readonly endpoint?: string;
} {
  return { region, ...(endpoint !== undefined && { endpoint }) };
}

/** Times out what hangs: a lease must not wait for a socket longer than its heartbeat lasts. */
export const HTTP1_HANDLER = Object.freeze({
  connectionTimeout: CONNECT_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  throwOnRequestTimeout: true,
});

/** The same for the HTTP/2 sessions of the Kinesis client. */
export const HTTP2_HANDLER = Object.freeze({ requestTimeout: REQUEST_TIMEOUT_MS });

/** The SDK clients are optional peers: whoever only works on queues need not install the Kinesis client. */
export async function loadKinesisModule() {
  return load('@aws-sdk/client-kinesis', () => import('@aws-sdk/client-kinesis'));
}

/** @see loadKinesisModule */
export async function loadDynamoModule() {
  return load('@aws-sdk/client-dynamodb', () => import('@aws-sdk/client-dynamodb'));
}

async function load<Module>(name: string, importModule: () => Promise<Module>): Promise<Module> {
  try {
    return await importModule();
  } catch (cause) {
    throw new MillraceError(
      'DEPENDENCY_MISSING',
      `the package ${name} can't be loaded; it is an optional peer of millrace: install it beside millrace (npm install ${name})`,
      { cause },
    );
  }
}
