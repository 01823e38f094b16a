import type { SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs';
import { alignOutcomes } from './batch-outcome.js';
import { http1Config } from './client-config.js';
import { loadSqsModule, type AwsTarget } from './load-sdk.js';
import type { SqsApi } from './sqs-api.js';
import {
  deleteInput,
  PLAIN_BYTES,
  readMessage,
  receiveInput,
  sendInput,
  sentOutcomes,
  visibilityInput,
} from './sqs-shapes.js';

/** A poll that has not come back this long after its wait is a dead socket. */
const POLL_TIMEOUT_MARGIN_MS = 10_000;
const LONGEST_POLL_MS = 20_000;

/**
 * The SQS port over SDK v3. Without a client of the user's it makes two: one for long polls, one for everything else, so
 * that a delete never queues for a socket behind twenty-second polls.
 */
export async function createSqsApi(target: AwsTarget, client?: SQSClient): Promise<SqsApi> {
  const sdk = await loadSqsModule();
  const calls = client ?? new sdk.SQSClient(sqsConfig(target));
  // The worker has its own pace for failed polls; the SDK's retries inside a poll would only hide the time they take.
  const polls =
    client ??
    new sdk.SQSClient({ ...sqsConfig(target, LONGEST_POLL_MS + POLL_TIMEOUT_MARGIN_MS), maxAttempts: 1 });

  return {
    receive: async (request, { signal: abortSignal }) => {
      const { Messages = [] } = await polls.send(new sdk.ReceiveMessageCommand(receiveInput(request)), {
        abortSignal,
      });
      return Messages.map((message) => readMessage(message, PLAIN_BYTES));
    },
    deleteBatch: async (queueUrl, receiptHandles) => {
      const command = new sdk.DeleteMessageBatchCommand(deleteInput(queueUrl, receiptHandles));
      return alignOutcomes(await calls.send(command), receiptHandles.length, () => undefined);
    },
    changeVisibilityBatch: async (queueUrl, changes) => {
      const command = new sdk.ChangeMessageVisibilityBatchCommand(visibilityInput(queueUrl, changes));
      return alignOutcomes(await calls.send(command), changes.length, () => undefined);
    },
    sendBatch: async (queueUrl, messages) => {
      const command = new sdk.SendMessageBatchCommand(sendInput(queueUrl, messages, PLAIN_BYTES));
      return sentOutcomes(await calls.send(command), messages);
    },
    close: () => {
      if (client !== undefined) return;
      calls.destroy();
      polls.destroy();
    },
  };
}

function sqsConfig(target: AwsTarget, requestTimeout?: number): SQSClientConfig {
  // One body that fails its checksum would throw away the whole receive; the worker checks each message itself.
  return { ...http1Config(target, requestTimeout), md5: false };
}
