import { limitOf } from '../../contract/limits.js';
import type { EntryOutcome } from '../aws/batch-outcome.js';
import { createSnsApi } from '../aws/sns-api.js';
import type { AcceptedMessage, OutgoingMessage } from '../aws/sqs-api.js';
import { openSqsApi } from '../aws/transport.js';
import type { CompiledPublisherOptions } from './publisher-options.js';

/** Where messages go: a topic or a queue, alike from here on. */
export interface Destination {
  send(messages: readonly OutgoingMessage[]): Promise<readonly EntryOutcome<AcceptedMessage>[]>;
  close(): void;
}

/** Opens the client of the destination. @throws {DEPENDENCY_MISSING} its SDK client is not installed */
export async function openDestination(options: CompiledPublisherOptions): Promise<Destination> {
  const { binding, clients, transport, clock } = options;
  const { region, endpoint } = binding;
  const target = { region, ...(endpoint !== undefined && { endpoint }) };
  if (binding.kind === 'topic') {
    const sns = await createSnsApi(target, clients.sns);
    return { send: (messages) => sns.publishBatch(binding.arn, messages), close: () => sns.close() };
  }
  const sqs = await openSqsApi({ transport, target, client: clients.sqs, clock });
  return { send: (messages) => sqs.sendBatch(binding.url, messages), close: () => sqs.close() };
}

/** What one call may weigh: SNS holds a batch to the topic's own limit for a message, SQS to its own for a batch. */
export function maxBatchBytes({ binding }: CompiledPublisherOptions): number {
  return binding.kind === 'topic' ? binding.maxMessageBytes : limitOf('sqs.batch.maxBytes');
}
