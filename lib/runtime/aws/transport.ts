import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../core/clock.js';
import type { AwsTarget } from './load-sdk.js';
import type { SqsApi } from './sqs-api.js';
import { createSqsApi } from './sqs-client.js';
import { createLeanSqsApi } from './wire/lean-sqs-api.js';

/**
 * Who makes the requests to SQS.
 *
 * | transport | requests are made by                                                       | CPU of a request |
 * |-----------|----------------------------------------------------------------------------|------------------|
 * | `sdk`     | the SDK client, with its middleware, retries, tracing and request handler  | about 1 ms       |
 * | `lean`    | this package, signed with the SDK client's credentials, region, endpoint   | about a quarter  |
 */
export type Transport = 'sdk' | 'lean';

/** Every {@link Transport}. */
export const TRANSPORTS: readonly Transport[] = ['sdk', 'lean'];

/** What {@link openSqsApi} chooses by. */
export interface SqsApiOptions {
  readonly transport: Transport;
  readonly target: AwsTarget;
  readonly client: SQSClient | undefined;
  readonly clock: Clock;
}

/** Opens the SQS port over the transport. @throws {DEPENDENCY_MISSING} the SDK client is not installed */
export function openSqsApi({ transport, target, client, clock }: SqsApiOptions): Promise<SqsApi> {
  return transport === 'lean' ? createLeanSqsApi({ target, clock, client }) : createSqsApi(target, client);
}
