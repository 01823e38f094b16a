import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../core/clock.js';
import type { AwsTarget } from './load-sdk.js';
import { createSnsApi, type SnsApi } from './sns-api.js';
import type { SqsApi } from './sqs-api.js';
import { createSqsApi } from './sqs-client.js';
import { createLeanSnsApi } from './wire/lean-sns-api.js';
import { createLeanSqsApi } from './wire/lean-sqs-api.js';

/**
 * Who makes the requests to SQS and SNS.
 *
 * | transport | requests are made by                                                       | CPU of a request |
 * |-----------|----------------------------------------------------------------------------|------------------|
 * | `sdk`     | the SDK client, with its middleware, retries, tracing and request handler  | about 1 ms       |
 * | `lean`    | this package, signed with the SDK client's credentials, region, endpoint   | about a quarter  |
 */
export type Transport = 'sdk' | 'lean';

/** Every {@link Transport}. */
export const TRANSPORTS: readonly Transport[] = ['sdk', 'lean'];

/** What {@link openSqsApi} and {@link openSnsApi} choose by. */
export interface TransportOptions<Client> {
  readonly transport: Transport;
  readonly target: AwsTarget;
  readonly client: Client | undefined;
  readonly clock: Clock;
}

/** Opens the SQS port over the transport. @throws {DEPENDENCY_MISSING} the SDK client is not installed */
export function openSqsApi(options: TransportOptions<SQSClient>): Promise<SqsApi> {
  const { transport, target, client } = options;
  return transport === 'lean' ? createLeanSqsApi(options) : createSqsApi(target, client);
}

/** Opens the SNS port over the transport. @throws {DEPENDENCY_MISSING} the SDK client is not installed */
export function openSnsApi(options: TransportOptions<SNSClient>): Promise<SnsApi> {
  const { transport, target, client } = options;
  return transport === 'lean' ? createLeanSnsApi(options) : createSnsApi(target, client);
}
