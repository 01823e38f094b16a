import { SQSClient, type Message } from '@aws-sdk/client-sqs';
import { VISIBILITY_SECONDS } from '../work.js';
import { clientConfig } from './client-config.js';
import type { StartConsumer } from './consumer.js';
import { importPeer } from './peer-module.js';

/** The part of sqs-consumer that is used. */
interface SqsConsumerModule {
  readonly Consumer: {
    create(options: object): {
      start(): void;
      stop(options?: { readonly abort?: boolean }): void;
      once(event: 'stopped', listener: () => void): void;
      on(event: 'error' | 'processing_error', listener: (error: Error) => void): void;
    };
  };
}

const HEARTBEAT_SECONDS = VISIBILITY_SECONDS / 2;

/** sqs-consumer, with one handler call and one delete per message, or one of each per batch. */
export const startSqsConsumer =
  (mode: 'message' | 'batch'): StartConsumer =>
  async ({ place, handle, peers }) => {
    const { Consumer } = await importPeer<SqsConsumerModule>(peers, 'sqs-consumer');
    const sqs = new SQSClient(clientConfig(place));
    const consumer = Consumer.create({
      queueUrl: place.url,
      sqs,
      batchSize: 10,
      waitTimeSeconds: 20,
      visibilityTimeout: VISIBILITY_SECONDS,
      heartbeatInterval: HEARTBEAT_SECONDS,
      messageAttributeNames: ['All'],
      strictReturn: false,
      alwaysAcknowledge: true,
      ...(mode === 'message'
        ? { handleMessage: () => handle() }
        : {
            handleMessageBatch: async (messages: readonly Message[]) => {
              await Promise.all(messages.map(async () => handle()));
            },
          }),
    });
    let isStopping = false;
    // What it aborts when it is stopped, it reports as errors.
    consumer.on('error', (error) => {
      if (!isStopping) process.stderr.write(`sqs-consumer: ${error.message}\n`);
    });
    consumer.start();
    return {
      stop: () =>
        new Promise((resolve) => {
          consumer.once('stopped', () => {
            sqs.destroy();
            resolve();
          });
          isStopping = true;
          consumer.stop({ abort: true });
        }),
    };
  };
