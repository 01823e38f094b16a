export { createQueueWorker, type QueueWorker } from './sqs/worker.js';
export { on, type MessageContext, type MessageHandler } from './sqs/handler.js';
export {
  CIRCUIT_BREAKER_DEFAULTS,
  PREFETCH_DEFAULTS,
  type CircuitBreakerOptions,
  type PrefetchOptions,
} from './sqs/overload-options.js';
export type { ConcurrencyBounds } from '../core/delivery/concurrency-limit.js';
export type { HandlerHostOptions, WorkerClients } from './sqs/handler-host-options.js';
export { QUEUE_WORKER_DEFAULTS, type QueueWorkerOptions } from './sqs/worker-options.js';
export type { GuardedMode, IdempotencyMode, StoreOutagePolicy } from './idempotency/modes.js';
export type { IdempotencyRecord } from '../core/idempotency/record.js';
export type {
  AdvanceOutcome,
  CommitOutcome,
  IdempotencyStore,
  InboxEntry,
  InboxStore,
  InboxView,
  KeyedRecord,
  MarkRows,
  RecordRows,
  SeenRecord,
  SequenceAdvance,
  SequenceStore,
  SqlClaim,
  SqlResult,
  SqlTransaction,
  SqlTransactions,
} from './idempotency/store.js';
export { createMemoryStore, type MemoryStore } from './stores/memory-store.js';
export {
  createPostgresStore,
  type PostgresStore,
  type PostgresStoreOptions,
} from './stores/postgres-store.js';
export { POSTGRES_STORE_DEFAULTS, postgresSchema } from './stores/postgres-schema.js';
export type { PostgresClient, PostgresConnection, PostgresPool } from './stores/postgres-client.js';
export { createRedisStore, REDIS_STORE_DEFAULTS, type RedisStoreOptions } from './stores/redis-store.js';
export type { IoRedisClient, NodeRedisClient, RedisClient } from './stores/redis-client.js';
export { createLambdaHandler, type LambdaContext, type LambdaHandler } from './lambda/lambda-handler.js';
export type { LambdaHandlerOptions } from './lambda/lambda-options.js';
export type {
  SqsBatchResponse,
  SqsEvent,
  SqsEventAttribute,
  SqsEventRecord,
  SqsEventSystemAttributes,
} from './lambda/sqs-event.js';
export type { MessageIdentity, WorkerEvent, WorkerStats } from './sqs/worker-events.js';
export type { PoisonReason } from './sqs/inbound.js';
export { REASON_ATTRIBUTE } from './sqs/dead-letter.js';
export type { Transport } from './aws/transport.js';
export type { TransactionWrite } from './aws/dynamo-api.js';
export type { BackoffCurve } from '../core/retry/backoff.js';
export { whenError, type ErrorDecision, type ErrorKind, type ErrorRule } from '../core/retry/error-policy.js';
export {
  CLAIM_CHECK_DEFAULTS,
  type ClaimCheckOptions,
  type ClaimCheckReadOptions,
} from './claim-check/claim-check-options.js';
export type { PayloadCompression } from './claim-check/compression.js';
export {
  splitReceiptHandle,
  type PayloadPointer,
  type SplitReceiptHandle,
} from '../core/claim-check/pointer.js';
export { createPublisher, type Publisher, type PublisherStats } from './sns/publisher.js';
export { PUBLISHER_DEFAULTS, type PublisherOptions } from './sns/publisher-options.js';
export type { PublishOptions } from './sns/outbound.js';
export type { AcceptedMessage } from './aws/sqs-api.js';
export type { AbortCause, LossCause } from '../core/delivery/delivery.js';
export type { HandlerAbortCause } from './sqs/holding.js';
export type { StuckCause, WorkerHealth } from '../core/delivery/health.js';
export { createWebhookReceiver, type WebhookReceiver } from './webhook/webhook-receiver.js';
export {
  WEBHOOK_RECEIVER_DEFAULTS,
  type FetchCertificate,
  type SubscriptionRequest,
  type WebhookReceiverOptions,
} from './webhook/webhook-options.js';
export type { NotificationIdentity, WebhookEvent, WebhookPoisonReason } from './webhook/webhook-events.js';
export type { RefusalReason } from '../core/webhook/admission.js';
export type { SignatureVersion } from '../core/webhook/sns-message.js';
export { createStreamReader, type StreamReader } from './kinesis/stream-reader.js';
export { STREAM_READER_DEFAULTS, type StreamReaderOptions } from './kinesis/reader-options.js';
export type { StreamReaderEvent } from './kinesis/reader-events.js';
export type { StreamReaderStats } from './kinesis/reader-counters.js';
export type { BatchHandler, PoisonHandler } from './kinesis/unit-runner.js';
export type { Position } from '../core/stream/position.js';
export type { ResumeFrom } from './kinesis/shard-consumer.js';
export type {
  BatchContext,
  CommitOptions,
  PoisonRecord,
  StreamPosition,
  StreamRecord,
} from './kinesis/stream-record.js';
export {
  createStreamProducer,
  type StreamProducer,
  type StreamProducerStats,
} from './kinesis/stream-producer.js';
export {
  STREAM_PRODUCER_DEFAULTS,
  type ProducerOrder,
  type StreamProducerEvent,
  type StreamProducerOptions,
} from './kinesis/producer-options.js';
export { createHealthListener, type HealthSource } from './observability/health-listener.js';
export { emf, EMF_DEFAULTS, type EmfOptions } from './observability/emf.js';
export {
  openTelemetry,
  OPEN_TELEMETRY_DEFAULTS,
  type OpenTelemetryOptions,
} from './observability/open-telemetry.js';
export {
  METRICS,
  type Measurement,
  type MetricKind,
  type MetricName,
  type MetricUnit,
} from './observability/metrics.js';
export type {
  BatchSpan,
  Observer,
  ProcessSpan,
  ProcessTracing,
  ReceiveSpan,
  SendSpan,
  SpanEnd,
  Telemetry,
  TelemetryOption,
  TelemetrySubject,
  Tracing,
} from './observability/telemetry.js';
export type { Clock, Random, Timer } from '../core/clock.js';
