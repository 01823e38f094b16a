export { BindingOutputs, type BindingOutputsProps } from './binding-outputs.js';
export type { IBoundResource } from './bound-resource.js';
export type { AlarmProps } from './alarms.js';
export type { AnyBucket } from './any-bucket.js';
export { ALARM_SECTIONS, type AlarmName, type AlarmSwitches } from './monitoring/alarm-catalogue.js';
export { MessagingDashboard, type MessagingDashboardProps } from './monitoring/messaging-dashboard.js';
export { Monitoring, type MonitoringOptions } from './monitoring/monitoring.js';
export type { DashboardProps } from './monitoring/own-dashboard.js';
export { FanoutTopic } from './topic/fanout-topic.js';
export { FANOUT_TOPIC_DEFAULTS, type FanoutTopicProps } from './topic/fanout-topic-options.js';
export type { SubscriptionOptions } from './topic/endpoint-options.js';
export {
  DeliveryLogging,
  type DeliveryLoggingOptions,
  type DeliveryLoggingProps,
} from './topic/delivery-logging.js';
export type { FanOutOptions } from './topic/fan-out-options.js';
export { FanoutSubscription, type FanoutSubscriptionProps } from './topic/fanout-subscription.js';
export type { AttributeCondition, AttributeConditions } from './topic/filter-policy.js';
export type { FilterPolicy } from './topic/filter-size.js';
export { FargateWorker, type FargateWorkerProps } from './workers/fargate-worker.js';
export { FARGATE_WORKER_DEFAULTS, type FargateWorkerOptions } from './workers/fargate-worker-options.js';
export { QUEUE_FARGATE_DEFAULTS, type QueueFargateOptions } from './workers/queue-fargate-options.js';
export type { LambdaPollers, LambdaWorkerOptions } from './workers/lambda-worker-options.js';
export { ShardedStream } from './stream/sharded-stream.js';
export { SHARDED_STREAM_DEFAULTS, type ShardedStreamProps } from './stream/sharded-stream-options.js';
export { LambdaStreamReader, type LambdaStreamReaderProps } from './stream/lambda-stream-reader.js';
export { LAMBDA_READER_DEFAULTS, type LambdaReaderOptions } from './stream/lambda-reader-options.js';
export { StreamArchive, type StreamArchiveProps } from './stream/stream-archive.js';
export { STREAM_ARCHIVE_DEFAULTS, type StreamArchiveOptions } from './stream/stream-archive-options.js';
export type { KclTables } from './stream/kcl-tables.js';
export type { StreamWorkload } from './stream/stream-workload.js';
export { READER_FARGATE_DEFAULTS, type ReaderFargateOptions } from './workers/reader-fargate-worker.js';
export { StreamCapacity } from './stream/stream-capacity.js';
export { StreamReader, type ReaderOptions, type StreamReaderProps } from './stream/stream-reader.js';
export { WorkQueueWithDLQ } from './queue/work-queue.js';
export { WORK_QUEUE_DEFAULTS, type WorkQueueWithDLQProps } from './queue/work-queue-options.js';
export { CHECK_RULES } from './checks/check-rules.js';
export type { CheckRule, Finding } from './checks/check-rule.js';
export type { ClaimCheckAttributes, ClaimCheckProps } from './claim-check/claim-check-options.js';
export { MillraceChecks, type MillraceChecksProps } from './checks/millrace-checks.js';
export type {
  ResourcePlace,
  StackTemplate,
  TemplateGraph,
  TemplateResource,
} from './checks/template-graph.js';
export {
  TopicPublisher,
  type PublisherAccount,
  type PublisherEvidence,
  type PublisherSource,
  type TopicPublisherFacts,
} from './topic/topic-publisher.js';
export type { IFanoutTopic } from './topic/fanout-topic-interface.js';
export type { FanoutTopicAttributes } from './topic/imported-topic.js';
export type { IBoundStream } from './stream/bound-stream.js';
export type { IShardedStream, ShardedStreamAttributes } from './stream/imported-stream.js';
export { FilterScope, PartialBatches } from './mixins/delivery-mixins.js';
export { DlqRetention } from './mixins/dlq-retention.js';
export { EncryptedAtRest } from './mixins/encrypted-at-rest.js';
export { LargeMessages, LargeRecords } from './mixins/large-payloads.js';
export { FifoHighThroughput, LongPolling, RedriveDenied } from './mixins/queue-mixins.js';
export { StreamRetention } from './mixins/stream-retention.js';
export { TlsOnly } from './mixins/tls-only.js';
export { POSTURES, type Posture, type PostureDecisions, type PostureProps } from './posture/posture.js';
export { POSTURE_CONTEXT, Postures } from './posture/postures.js';
export type { IWorkQueue } from './queue/work-queue-interface.js';
export type { WorkQueueAttributes } from './queue/imported-work-queue.js';
