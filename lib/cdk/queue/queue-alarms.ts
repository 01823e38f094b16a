import { Token } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { limitOf } from '../../contract/limits.js';
import { ALARM_PERIOD, alarmPropsOf, createAlarm, type AlarmProps } from '../alarms.js';
import { inWords } from '../bounds.js';
import type { WorkedResources } from './queue-work.js';
import type { CompiledWorkQueue } from './work-queue-options.js';

/** The alarms of a work queue; each is undefined where it is turned off. */
export interface QueueAlarms {
  /** Rings on the first dead letter. */
  readonly deadLetter?: Alarm | undefined;
  /** Rings while there is still time to look at dead letters that nobody looked at. */
  readonly deadLetterExpiry?: Alarm | undefined;
  /** Rings when the oldest message has waited too long. */
  readonly backlog?: Alarm | undefined;
  /** Rings before SQS stops handing out messages since too many are in flight. */
  readonly inFlight?: Alarm | undefined;
}

/** Makes the alarms of a queue and its dead-letter queue. */
export function createQueueAlarms(
  scope: Construct,
  watched: Pick<WorkedResources, 'queue' | 'deadLetterQueue'> & { readonly settings: CompiledWorkQueue },
  props: AlarmProps,
): QueueAlarms {
  const { queue, deadLetterQueue, settings } = watched;
  const { backlogAlarmSeconds } = settings;
  const { path } = scope.node;
  const switches = alarmPropsOf(props);
  return {
    deadLetter: createAlarm(scope, 'DeadLetterAlarm', {
      ...switches,
      name: 'deadLetters',
      // Never NumberOfMessagesSent: it does not count what SQS itself moves here.
      metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible(PEAK),
      threshold: 1,
      description: `Messages of ${path} could not be handled and wait in its dead-letter queue: read their reason, mend the cause, redrive them.`,
    }),
    deadLetterExpiry: createExpiryAlarm(scope, watched, props),
    backlog: createAlarm(scope, 'BacklogAlarm', {
      ...switches,
      name: 'backlog',
      metric: queue.metricApproximateAgeOfOldestMessage(PEAK),
      threshold: backlogAlarmSeconds,
      periods: 5,
      description: `The oldest message of ${path} has waited ${inWords(backlogAlarmSeconds)}: workers are too few, too slow or down.`,
    }),
    inFlight: createAlarm(scope, 'InFlightAlarm', {
      ...switches,
      name: 'inFlight',
      metric: queue.metricApproximateNumberOfMessagesNotVisible(PEAK),
      threshold: IN_FLIGHT_SHARE * limitOf(settings.fifo ? 'sqs.fifo.inFlight.max' : 'sqs.inFlight.max'),
      periods: 5,
      description: `${path} is near the most messages that SQS lets be in flight: workers receive but do not finish.`,
    }),
  };
}

function createExpiryAlarm(
  scope: Construct,
  {
    deadLetterQueue,
    settings,
  }: Pick<WorkedResources, 'deadLetterQueue'> & { readonly settings: CompiledWorkQueue },
  props: AlarmProps,
): Alarm | undefined {
  const { fifo, retentionSeconds, deadLetterRetentionSeconds } = settings;
  if (Token.isUnresolved(retentionSeconds) || Token.isUnresolved(deadLetterRetentionSeconds))
    return undefined;
  // The metric counts from the move, expiry on a standard queue from the first send, which may be a whole retention earlier.
  const spanSeconds = deadLetterRetentionSeconds - (fifo ? 0 : retentionSeconds);
  if (spanSeconds <= 0) return undefined;
  const threshold = Math.ceil(spanSeconds * EXPIRY_SHARE);
  return createAlarm(scope, 'DeadLetterExpiryAlarm', {
    ...alarmPropsOf(props),
    name: 'deadLetterExpiry',
    metric: deadLetterQueue.metricApproximateAgeOfOldestMessage(PEAK),
    threshold,
    description: `Dead letters of ${scope.node.path} have waited ${inWords(threshold)}, and are deleted as early as ${inWords(spanSeconds - threshold)} from now: redrive them, or save them elsewhere.`,
  });
}

/** What alarms look at: the highest value within a minute. */
const PEAK = { statistic: 'Maximum', period: ALARM_PERIOD };

/** The last quarter of the time is left to act. */
const EXPIRY_SHARE = 0.75;

/** SQS answers receives of a standard queue with an error from the limit on, and hands out nothing of a FIFO queue. */
const IN_FLIGHT_SHARE = 0.8;
