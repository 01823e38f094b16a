import type { ConsumerName } from './names.js';
import type { StartConsumer } from './consumer.js';
import { startMillrace } from './millrace.js';
import { startRawLoop } from './raw-loop.js';
import { startSqsConsumer } from './sqs-consumer.js';
import { startSquiss } from './squiss.js';
import { startToolkit } from './toolkit.js';

/** How each is started. */
export const CONSUMERS: Readonly<Record<ConsumerName, StartConsumer>> = {
  'raw SDK v3 loop': startRawLoop,
  "millrace, user's SQSClient": startMillrace('sdk'),
  'millrace, lean transport': startMillrace('lean'),
  'sqs-consumer, per message': startSqsConsumer('message'),
  'sqs-consumer, per batch': startSqsConsumer('batch'),
  'squiss-ts': startSquiss,
  'message-queue-toolkit': startToolkit,
};
