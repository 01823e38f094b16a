import type { CheckRule } from './check-rule.js';
import { alarmAction } from './rules/alarm-action.js';
import { alarmDelivery } from './rules/alarm-delivery.js';
import { claimCheckLifecycle } from './rules/claim-check-lifecycle.js';
import { archiveFreshness } from './rules/archive-freshness.js';
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
import { lambdaEnvironment } from './rules/lambda-environment.js';
import { lambdaPartialBatches } from './rules/lambda-partial-batches.js';
import { lambdaReceives } from './rules/lambda-receives.js';
import { lambdaRetries } from './rules/lambda-retries.js';
import { lambdaVisibility } from './rules/lambda-visibility.js';
import { publicPolicy } from './rules/public-policy.js';
import { queueDeadLetters } from './rules/queue-dead-letters.js';
import { queueTls } from './rules/queue-tls.js';
import { retryTime } from './rules/retry-time.js';
import { streamEncryption } from './rules/stream-encryption.js';
import { streamLagAlarm } from './rules/stream-lag-alarm.js';
import { streamRetention } from './rules/stream-retention.js';
import { streamRetries } from './rules/stream-retries.js';
import { subscriptionDeadLetterPolicy } from './rules/subscription-dead-letter-policy.js';
import { subscriptionDeadLetters } from './rules/subscription-dead-letters.js';
import { subscriptionKeys } from './rules/subscription-keys.js';
import { subscriptionPolicy } from './rules/subscription-policy.js';
import { subscriptionTypes } from './rules/subscription-types.js';
import { topicOwner } from './rules/topic-owner.js';
import { topicTls } from './rules/topic-tls.js';
import { workerRights } from './rules/worker-rights.js';
import { workerStop } from './rules/worker-stop.js';

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
  workerRights,
  workerStop,
  fargateSpot,
  streamRetries,
  streamRetention,
  streamEncryption,
  streamLagAlarm,
  consumerLagAlarm,
  archiveFreshness,
  deadLetterAlarm,
  alarmAction,
  alarmDelivery,
  consumerCount,
  claimCheckLifecycle,
]);
