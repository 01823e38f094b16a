import { SQSClient } from '@aws-sdk/client-sqs';
import type { z as zod } from 'zod';
import { VISIBILITY_SECONDS } from '../work.js';
import { clientConfig } from './client-config.js';
import type { StartConsumer } from './consumer.js';
import { importPeer } from './peer-module.js';

/** The parts of message-queue-toolkit that are used. */
interface ToolkitModule {
  readonly AbstractSqsConsumer: new (
    dependencies: object,
    options: object,
    context: object,
  ) => ToolkitConsumer;
}
interface ToolkitConsumer {
  start(): Promise<void>;
  close(abort?: boolean): Promise<void>;
}
interface ToolkitCore {
  readonly MessageHandlerConfigBuilder: new () => {
    addConfig(schema: unknown, handler: () => Promise<{ result: 'success' }>): { build(): unknown };
  };
}
interface Zod {
  readonly z: typeof zod;
}

const silent = (): void => undefined;
const loggerOf = (report: (error: unknown) => void) => ({
  level: 'silent',
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: report,
  fatal: silent,
  silent,
  isLevelEnabled: () => false,
});

/** message-queue-toolkit's consumer, which drives sqs-consumer 14 underneath. */
export const startToolkit: StartConsumer = async ({ place, handle, peers }) => {
  const { AbstractSqsConsumer } = await importPeer<ToolkitModule>(peers, '@message-queue-toolkit/sqs');
  const { MessageHandlerConfigBuilder } = await importPeer<ToolkitCore>(peers, '@message-queue-toolkit/core');
  const { z } = await importPeer<Zod>(peers, 'zod');
  const schema = z.object({
    id: z.string(),
    type: z.literal('job.queued'),
    timestamp: z.string(),
    padding: z.string(),
  });
  const sqsClient = new SQSClient(clientConfig(place));
  let isStopping = false;
  // What it aborts when it is stopped, it reports as errors.
  const report = (error: unknown): void => {
    if (!isStopping) process.stderr.write(`message-queue-toolkit: ${JSON.stringify(error)}\n`);
  };
  const consumer = new AbstractSqsConsumer(
    {
      sqsClient,
      logger: loggerOf(report),
      errorReporter: { report },
      consumerErrorResolver: { processError: (error: unknown) => error },
      transactionObservabilityManager: {
        start: silent,
        startWithGroup: silent,
        stop: silent,
        addCustomAttributes: silent,
      },
    },
    {
      messageTypeResolver: { messageTypePath: 'type' },
      handlers: new MessageHandlerConfigBuilder()
        .addConfig(schema, async () => {
          await handle();
          return { result: 'success' };
        })
        .build(),
      locatorConfig: { queueUrl: place.url },
      consumerOverrides: {
        batchSize: 10,
        waitTimeSeconds: 20,
        heartbeatInterval: VISIBILITY_SECONDS / 2,
        terminateVisibilityTimeout: false,
      },
    },
    {},
  );
  await consumer.start();
  return {
    stop: async () => {
      isStopping = true;
      await consumer.close(true);
      sqsClient.destroy();
    },
  };
};
