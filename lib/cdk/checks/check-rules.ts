import type { CheckRule } from './check-rule.js';
import { alarmAction } from './rules/alarm-action.js';
import { alarmDelivery } from './rules/alarm-delivery.js';
import { alarmDimensions } from './rules/alarm-dimensions.js';
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
import { deadLetterAlarm } from './rules/dead-letter-alarm.js';
import { deadLetterRetention } from './rules/dead-letter-retention.js';
import { deadLetterSize } from './rules/dead-letter-size.js';
import { deadLetterType } from './rules/dead-letter-type.js';
import { fargateSpot } from './rules/fargate-spot.js';
import { fifoThroughput } from './rules/fifo-throughput.js';
import { filterLimits } from './rules/filter-limits.js';
import { filterScope } from './rules/filter-scope.js';
import { idempotencyExpiry } from './rules/idempotency-expiry.js';
import { keyCycle } from './rules/key-cycle.js';
import { keyPublic } from './rules/key-public.js';
import { keyRemoval } from './rules/key-removal.js';
import { lambdaEnvironment } from './rules/lambda-environment.js';
import { lambdaPartialBatches } from './rules/lambda-partial-batches.js';
import { lambdaReceives } from './rules/lambda-receives.js';
import { lambdaRetries } from './rules/lambda-retries.js';
import { lambdaVisibility } from './rules/lambda-visibility.js';
import { mappingBatch } from './rules/mapping-batch.js';
import { mappingConcurrency } from './rules/mapping-concurrency.js';
import { mappingRights } from './rules/mapping-rights.js';
import { mappingScaling } from './rules/mapping-scaling.js';
import { publicPolicy } from './rules/public-policy.js';
import { queueBacklogAlarm } from './rules/queue-backlog-alarm.js';
import { queueDeadLetters } from './rules/queue-dead-letters.js';
import { queueTls } from './rules/queue-tls.js';
import { recursiveLoop } from './rules/recursive-loop.js';
import { retryTime } from './rules/retry-time.js';
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
import { subscriptionDeadLetters } from './rules/subscription-dead-letters.js';
import { subscriptionKeys } from './rules/subscription-keys.js';
import { subscriptionPolicy } from './rules/subscription-policy.js';
import { subscriptionTypes } from './rules/subscription-types.js';
import { tableBilling } from './rules/table-billing.js';
import { throttleAlarm } from './rules/throttle-alarm.js';
import { topicOwner } from './rules/topic-owner.js';
import { topicTls } from './rules/topic-tls.js';
import { workerFromZero } from './rules/worker-from-zero.js';
import { workerRights } from './rules/worker-rights.js';
import { workerScaleIn } from './rules/worker-scale-in.js';
import { workerScaling } from './rules/worker-scaling.js';
import { workerStop } from './rules/worker-stop.js';
import { workerStopLimit } from './rules/worker-stop-limit.js';

/** Every rule, in the order of the message's way: queue, topic, subscription, worker, stream, alarm. */
export const CHECK_RULES: readonly CheckRule[] = Object.freeze([
  queueDeadLetters,
  deadLetterType,
  deadLetterRetention,
  deadLetterSize,
  retryTime,
  queueTls,
  topicTls,
  topicOwner,
  publicPolicy,
  confusedDeputy,
  subscriptionPolicy,
  subscriptionTypes,
  subscriptionDeadLetters,
  subscriptionDeadLetterPolicy,
  subscriptionKeys,
  filterLimits,
  filterScope,
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
  consumerCount,
  claimCheckLifecycle,
  idempotencyExpiry,
  tableBilling,
  keyPublic,
  keyCycle,
  keyRemoval,
]);
