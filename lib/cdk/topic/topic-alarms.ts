import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ALARM_PERIOD, createAlarm, createGeneralAlarm, type AlarmProps } from '../alarms.js';
import type { AlarmPrecedence } from '../monitoring/alarm-precedence.js';

/** The alarms of a topic; each is undefined where it is turned off. */
export interface TopicAlarms {
  /** Rings when SNS gave up on a delivery, and leaves it to a more specific alarm where one rings. */
  readonly failed?: { readonly alarm: Alarm; readonly precedence: AlarmPrecedence } | undefined;
  /** Rings when a failed delivery did not reach its dead-letter queue either. */
  readonly lost?: Alarm | undefined;
  /** Rings when no filter could read a message's attributes. */
  readonly invalidAttributes?: Alarm | undefined;
}

/** Makes the alarms of a topic. */
export function createTopicAlarms(scope: Construct, topic: ITopic, props: AlarmProps): TopicAlarms {
  const { path } = scope.node;
  const failed = createGeneralAlarm(scope, 'FailedDeliveryAlarm', {
    ...props,
    name: 'failedDeliveries',
    metric: topic.metricNumberOfNotificationsFailed(TOTAL),
    threshold: 1,
    description: `SNS gave up on deliveries of ${path}: a queue's policy or key refuses them, or the queue is gone. They wait in the subscription's dead-letter queue.`,
  });
  const lost = createAlarm(scope, 'LostDeliveryAlarm', {
    ...props,
    name: 'lostDeliveries',
    metric: topic.metric('NumberOfNotificationsFailedToRedriveToDlq', TOTAL),
    threshold: 1,
    description: `Failed deliveries of ${path} are lost: their dead-letter queue's policy or key refuses them too.`,
  });
  failed?.precedence.waitFor(lost);
  const invalidAttributes = createAlarm(scope, 'InvalidAttributesAlarm', {
    ...props,
    name: 'invalidAttributes',
    metric: topic.metricNumberOfNotificationsFilteredOutInvalidAttributes(TOTAL),
    threshold: 1,
    description: `Messages of ${path} carry attributes that no filter can read, so filtered subscriptions did not get them: find the publisher.`,
  });
  return { failed, lost, invalidAttributes };
}

const TOTAL = { statistic: 'Sum', period: ALARM_PERIOD };
