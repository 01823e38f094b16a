import type { CheckRule } from './check-rule.js';
import { accountKeys } from './rules/account-keys.js';
import { alarmAction } from './rules/alarm-action.js';
import { alarmDelivery } from './rules/alarm-delivery.js';
import { alarmDimensions } from './rules/alarm-dimensions.js';
import { alarmRegion } from './rules/alarm-region.js';
import { archiveBuffer } from './rules/archive-buffer.js';
import { archiveEncryption } from './rules/archive-encryption.js';
import { archiveErrors } from './rules/archive-errors.js';
import { archiveFreshness } from './rules/archive-freshness.js';
import { archiveLogging } from './rules/archive-logging.js';
import { archiveTransform } from './rules/archive-transform.js';
import { claimCheckLifecycle } from './rules/claim-check-lifecycle.js';
import { confusedDeputy } from './rules/confused-deputy.js';
import { consumerCount } from './rules/consumer-count.js';
import { consumerLagAlarm } from './rules/consumer-lag-alarm.js';
import { dataProtection } from './rules/data-protection.js';
import { deadLetterAlarm } from './rules/dead-letter-alarm.js';
import { deadLetterPlace } from './rules/dead-letter-place.js';
import { deadLetterRetention } from './rules/dead-letter-retention.js';
import { deadLetterSize } from './rules/dead-letter-size.js';
import { deadLetterType } from './rules/dead-letter-type.js';
import { fargateSpot } from './rules/fargate-spot.js';
import { fifoName } from './rules/fifo-name.js';
import { fifoThroughput } from './rules/fifo-throughput.js';
import { filterCount } from './rules/filter-count.js';
import { filterLimits } from './rules/filter-limits.js';
import { filterScope } from './rules/filter-scope.js';
import { firehoseRole } from './rules/firehose-role.js';
import { idempotencyExpiry } from './rules/idempotency-expiry.js';
import { keyCycle } from './rules/key-cycle.js';
import { keyPublic } from './rules/key-public.js';
import { keyRemoval } from './rules/key-removal.js';
import { lambdaEnvironment } from './rules/lambda-environment.js';
import { lambdaPartialBatches } from './rules/lambda-partial-batches.js';
import { lambdaReceives } from './rules/lambda-receives.js';
import { lambdaRetries } from './rules/lambda-retries.js';
import { lambdaVisibility } from './rules/lambda-visibility.js';
import { largeTopic } from './rules/large-topic.js';
import { mappingBatch } from './rules/mapping-batch.js';
import { mappingConcurrency } from './rules/mapping-concurrency.js';
import { mappingRights } from './rules/mapping-rights.js';
import { mappingScaling } from './rules/mapping-scaling.js';
import { policySize } from './rules/policy-size.js';
import { publicPolicy } from './rules/public-policy.js';
import { publisherKeys } from './rules/publisher-keys.js';
import { publisherPolicy } from './rules/publisher-policy.js';
import { publisherTypes } from './rules/publisher-types.js';
import { queueBacklogAlarm } from './rules/queue-backlog-alarm.js';
import { queueDeadLetters } from './rules/queue-dead-letters.js';
import { queueEncryption } from './rules/queue-encryption.js';
import { queueTls } from './rules/queue-tls.js';
import { queueVisibility } from './rules/queue-visibility.js';
import { rawDelivery } from './rules/raw-delivery.js';
import { recursiveLoop } from './rules/recursive-loop.js';
import { redriveAllow } from './rules/redrive-allow.js';
import { retryTime } from './rules/retry-time.js';
import { signatureVersion } from './rules/signature-version.js';
import { singleReceive } from './rules/single-receive.js';
import { streamEncryption } from './rules/stream-encryption.js';
import { streamLagAlarm } from './rules/stream-lag-alarm.js';
import { streamMode } from './rules/stream-mode.js';
import { streamReaders } from './rules/stream-readers.js';
import { streamRecordAge } from './rules/stream-record-age.js';
import { streamRecordSize } from './rules/stream-record-size.js';
import { streamRemoval } from './rules/stream-removal.js';
import { streamRetention } from './rules/stream-retention.js';
import { streamRetries } from './rules/stream-retries.js';
import { streamSharing } from './rules/stream-sharing.js';
import { streamStart } from './rules/stream-start.js';
import { subscriptionDeadLetterPolicy } from './rules/subscription-dead-letter-policy.js';
import { subscriptionDeadLetterType } from './rules/subscription-dead-letter-type.js';
import { subscriptionDeadLetters } from './rules/subscription-dead-letters.js';
import { subscriptionHttps } from './rules/subscription-https.js';
import { subscriptionKeys } from './rules/subscription-keys.js';
import { subscriptionOrder } from './rules/subscription-order.js';
import { subscriptionOwner } from './rules/subscription-owner.js';
import { subscriptionPolicy } from './rules/subscription-policy.js';
import { subscriptionRegion } from './rules/subscription-region.js';
import { subscriptionTypes } from './rules/subscription-types.js';
import { tableBilling } from './rules/table-billing.js';
import { throttleAlarm } from './rules/throttle-alarm.js';
import { topicArchive } from './rules/topic-archive.js';
import { topicOwner } from './rules/topic-owner.js';
import { topicTls } from './rules/topic-tls.js';
import { workerFromZero } from './rules/worker-from-zero.js';
import { workerKeys } from './rules/worker-keys.js';
import { workerRights } from './rules/worker-rights.js';
import { workerScaleIn } from './rules/worker-scale-in.js';
import { workerScaling } from './rules/worker-scaling.js';
import { workerStopLimit } from './rules/worker-stop-limit.js';
import { workerStop } from './rules/worker-stop.js';

/** Every rule, in the order of the message's way: queue, topic, subscription, worker, stream, alarm. */
export const CHECK_RULES: readonly CheckRule[] = Object.freeze([
  queueDeadLetters,
  deadLetterType,
  deadLetterPlace,
  deadLetterRetention,
  deadLetterSize,
  redriveAllow,
  singleReceive,
  retryTime,
  queueVisibility,
  queueEncryption,
  fifoName,
  queueTls,
  topicTls,
  topicOwner,
  publicPolicy,
  confusedDeputy,
  accountKeys,
  policySize,
  publisherPolicy,
  publisherKeys,
  publisherTypes,
  subscriptionPolicy,
  subscriptionTypes,
  rawDelivery,
  firehoseRole,
  largeTopic,
  subscriptionHttps,
  signatureVersion,
  subscriptionOwner,
  subscriptionRegion,
  subscriptionOrder,
  subscriptionDeadLetters,
  subscriptionDeadLetterPolicy,
  subscriptionDeadLetterType,
  subscriptionKeys,
  filterLimits,
  filterScope,
  filterCount,
  topicArchive,
  dataProtection,
  fifoThroughput,
  lambdaVisibility,
  lambdaRetries,
  lambdaReceives,
  lambdaPartialBatches,
  lambdaEnvironment,
  mappingRights,
  mappingConcurrency,
  mappingScaling,
  mappingBatch,
  recursiveLoop,
  workerRights,
  workerKeys,
  workerStop,
  workerStopLimit,
  workerScaling,
  workerScaleIn,
  workerFromZero,
  fargateSpot,
  streamRetries,
  streamRecordAge,
  streamStart,
  streamRecordSize,
  streamReaders,
  streamMode,
  streamSharing,
  streamRemoval,
  streamRetention,
  streamEncryption,
  streamLagAlarm,
  consumerLagAlarm,
  archiveFreshness,
  archiveErrors,
  archiveLogging,
  archiveBuffer,
  archiveTransform,
  archiveEncryption,
  deadLetterAlarm,
  queueBacklogAlarm,
  alarmAction,
  alarmDelivery,
  alarmDimensions,
  throttleAlarm,
  alarmRegion,
  consumerCount,
  claimCheckLifecycle,
  idempotencyExpiry,
  tableBilling,
  keyPublic,
  keyCycle,
  keyRemoval,
]);
