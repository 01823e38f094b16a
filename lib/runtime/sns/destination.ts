import { limitOf } from '../../contract/limits.js';
import type { EntryOutcome } from '../aws/batch-outcome.js';
import type { AcceptedMessage, OutgoingMessage } from '../aws/sqs-api.js';
import { openSnsApi, openSqsApi } from '../aws/transport.js';
import { storePayload, type Offload } from '../claim-check/claim-check-writer.js';
import { createS3ObjectStore } from '../claim-check/s3-object-store.js';
import type { AwsTarget } from '../aws/load-sdk.js';
import type { CompiledPublisherOptions } from './publisher-options.js';

/** Where messages go: a topic or a queue, alike from here on. */
export interface Destination {
  send(messages: readonly OutgoingMessage[]): Promise<readonly EntryOutcome<AcceptedMessage>[]>;
  /** Stores a payload; its message may be sent after it. */
  store(offload: Offload): Promise<void>;
  close(): void;
}

/** Opens the clients of the destination. @throws {DEPENDENCY_MISSING} an SDK client is not installed */
export async function openDestination(options: CompiledPublisherOptions): Promise<Destination> {
  const { binding, claimCheck, clients } = options;
  const { region, endpoint } = binding;
  const target = { region, ...(endpoint !== undefined && { endpoint }) };
  const sender = await openSender(options, target);
  if (claimCheck === undefined) return { ...sender, store: refuseToStore };
  const objects = await createS3ObjectStore(target, clients.s3);
  return {
    send: sender.send,
    store: (offload) => storePayload(objects, offload, claimCheck),
    close: () => {
      sender.close();
      objects.close();
    },
  };
}

async function openSender(
  { binding, clients, transport, clock }: CompiledPublisherOptions,
  target: AwsTarget,
): Promise<Pick<Destination, 'send' | 'close'>> {
  if (binding.kind === 'topic') {
    const sns = await openSnsApi({ transport, target, client: clients.sns, clock });
    return { send: (messages) => sns.publishBatch(binding.arn, messages), close: () => sns.close() };
  }
  const sqs = await openSqsApi({ transport, target, client: clients.sqs, clock });
  return { send: (messages) => sqs.sendBatch(binding.url, messages), close: () => sqs.close() };
}

/** Nothing is offloaded without a claim check; whoever asks has a bug. */
const refuseToStore = (): Promise<void> => Promise.reject(new TypeError('this publisher has no claim check'));

/** What one call may weigh: SNS holds a batch to the topic's own limit for a message, SQS to its own for a batch. */
export function maxBatchBytes({ binding }: CompiledPublisherOptions): number {
  return binding.kind === 'topic' ? binding.maxMessageBytes : limitOf('sqs.batch.maxBytes');
}
