export { createQueueWorker, type QueueWorker } from './sqs/worker.js';
export { on, type MessageContext, type MessageHandler } from './sqs/handler.js';
export {
  QUEUE_WORKER_DEFAULTS,
  type IdempotencyMode,
  type QueueWorkerOptions,
} from './sqs/worker-options.js';
export type { MessageIdentity, WorkerEvent, WorkerStats } from './sqs/worker-events.js';
export type { PoisonReason } from './sqs/inbound.js';
export { REASON_ATTRIBUTE } from './sqs/dead-letter.js';
export type { TransactionWrite } from './aws/dynamo-api.js';
export { createPublisher, type Publisher, type PublisherStats } from './sns/publisher.js';
export { PUBLISHER_DEFAULTS, type PublisherOptions } from './sns/publisher-options.js';
export type { PublishOptions } from './sns/outbound.js';
export type { AcceptedMessage } from './aws/sqs-api.js';
export { whenError, type ErrorDecision, type ErrorKind, type ErrorRule } from '../core/retry/error-policy.js';
export type { WorkerHealth } from '../core/delivery/health.js';
