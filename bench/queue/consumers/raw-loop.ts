import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { StartConsumer } from './consumer.js';
import { clientConfig } from './client-config.js';
import { VISIBILITY_SECONDS } from '../work.js';

/** The least one can write with the SDK: receive ten, handle them, delete them in one call, again. */
export const startRawLoop: StartConsumer = ({ place, handle }) => {
  const sqs = new SQSClient(clientConfig(place));
  const stopping = new AbortController();
  const turn = async (): Promise<void> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: place.url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 20,
        VisibilityTimeout: VISIBILITY_SECONDS,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
      }),
      { abortSignal: stopping.signal },
    );
    if (Messages.length === 0) return;
    for (let at = 0; at < Messages.length; at += 1) await handle();
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: place.url, Entries }));
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) await turn();
  };
  const ended = loop().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return Promise.resolve({
    stop: async () => {
      stopping.abort();
      await ended;
      sqs.destroy();
    },
  });
};
