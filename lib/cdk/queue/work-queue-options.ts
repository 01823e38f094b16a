import { Duration, Size, Token, type RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { limitOf } from '../../contract/limits.js';
import type { MessageDefinition } from '../../contract/message.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import type { AlarmProps } from '../alarms.js';
import type { DashboardProps } from '../monitoring/own-dashboard.js';
import type { PostureProps } from '../posture/posture.js';
import { sharedViolations } from '../shared-props.js';
import {
  checkBytes,
  checkCount,
  checkSeconds,
  switchViolations,
  type Bounds,
  type Checked,
} from '../bounds.js';
import {
  compileClaimCheckProps,
  daysOfQueue,
  type ClaimCheckProps,
  type CompiledClaimCheckProps,
} from '../claim-check/claim-check-options.js';
import { groupViolations, messageViolations } from '../messages.js';

/** Properties of a {@link WorkQueueWithDLQ}. */
export interface WorkQueueWithDLQProps extends AlarmProps, DashboardProps, PostureProps {
  /**
   * How long the handler of one message may take: the worker gives up on it after that. 1 second to 12 hours.
   *
   * @default Duration.seconds(30)
   */
  readonly handlerTimeout?: Duration;

  /**
   * How long a received message stays hidden from the other workers. A worker extends it while its handler runs, so
   * this is the time until the message of a dead worker comes back. 1 second to 12 hours.
   *
   * @default - 6 × `handlerTimeout`, at least 30 seconds and at most 12 hours
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
   */
  readonly visibilityTimeout?: Duration;

  /**
   * How many receives a message gets before SQS moves it to the dead-letter queue. 1 to 1000.
   *
   * @default 5
   */
  readonly maxReceiveCount?: number;

  /**
   * How long a message waits for a worker. 1 minute to 14 days. Keep it below `deadLetterRetentionPeriod`: on a
   * standard queue the clock of a dead letter runs on from when it was first sent.
   *
   * @default Duration.days(4)
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
   */
  readonly retentionPeriod?: Duration;

  /**
   * How long a dead letter waits for people. 1 minute to 14 days.
   *
   * @default Duration.days(14)
   */
  readonly deadLetterRetentionPeriod?: Duration;

  /**
   * How long every message stays hidden after it was sent. 0 seconds to 15 minutes.
   *
   * @default Duration.seconds(0)
   */
  readonly deliveryDelay?: Duration;

  /**
   * The largest message the queue takes, attributes included. 1 KiB to 1 MiB.
   *
   * @default Size.mebibytes(1)
   */
  readonly maxMessageSize?: Size;

  /**
   * Whether messages of one group stay in order. Changing this replaces the queue, and what is in it is lost.
   *
   * @default false
   */
  readonly fifo?: boolean;

  /**
   * Whether a FIFO queue deduplicates and throttles per message group, which lifts the 300 calls a second of the queue.
   * Sound with millrace's publishers: the id and the group are both read off the payload.
   *
   * @default true - for a FIFO queue; a standard queue has no groups to throttle by
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html
   */
  readonly highThroughput?: boolean;

  /**
   * Messages that are sent to this queue directly. Those a topic delivers are learned from `fanOutTo`.
   *
   * @default - none: the queue gets its messages from topics
   */
  readonly accepts?: readonly MessageDefinition[];

  /**
   * Whether workers get a DynamoDB table to remember what they have done, so that the second delivery of a message has
   * no second effect.
   *
   * @default false
   */
  readonly idempotency?: boolean;

  /**
   * Whether payloads that are too large for a message are left in a bucket of S3, so that the message carries a pointer, as
   * with AWS's extended clients. The bucket takes TLS only, is private, and forgets payloads after `expireAfter`.
   *
   * @default false
   */
  readonly claimCheck?: boolean | ClaimCheckProps;

  /**
   * A customer managed key for both queues and the idempotency table. Topics that deliver here are let into its policy.
   *
   * @default - under posture `standard` SSE-SQS for the queues and the AWS owned key for the table, both free of charge; under the others the stack's key
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to both queues and the idempotency table when they leave the stack.
   *
   * @default - RemovalPolicy.DESTROY, under posture `regulated` RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Age of the oldest message at which the backlog alarm rings.
   *
   * @default - 15 minutes, or twice the visibility timeout where that is longer
   */
  readonly backlogAlarmAge?: Duration;

  /**
   * The name clients ask for: `createQueueWorker({ queue: 'Builds' })`.
   *
   * @default - the construct's id
   */
  readonly bindingName?: string;
}

/** What a `WorkQueueWithDLQ` is when nothing is said, each with its reason. */
export const WORK_QUEUE_DEFAULTS = Object.freeze({
  /** As long as a Lambda or an HTTP call commonly takes; longer work should be a stated choice. */
  handlerTimeout: Duration.seconds(30),
  /** AWS's own advice for Lambda workers: throttled receives count too, and 3 dead-letters good messages. */
  maxReceiveCount: 5,
  /** A long weekend, and well below the 14 days of the dead-letter queue. */
  retentionPeriod: Duration.days(4),
  /** The longest there is: people need the time. */
  deadLetterRetentionPeriod: Duration.days(14),
  deliveryDelay: Duration.seconds(0),
  /** The service's default, written down so that source and dead-letter queue are seen to agree. */
  maxMessageSize: Size.mebibytes(1),
  /** The longest long poll: the fewest empty receives, and no extra latency. */
  receiveMessageWaitTime: Duration.seconds(20),
  /** The service's own default: shorter brings messages back while they are still handled. */
  minVisibilitySeconds: 30,
  minBacklogAlarmSeconds: 900,
});

/** A work queue's decided numbers, in the template's units. */
export interface CompiledWorkQueue {
  readonly handlerTimeoutSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
  readonly retentionSeconds: number;
  readonly deadLetterRetentionSeconds: number;
  readonly deliveryDelaySeconds: number;
  readonly maxMessageBytes: number;
  readonly backlogAlarmSeconds: number;
  readonly fifo: boolean;
  readonly highThroughput: boolean;
  readonly accepts: readonly MessageDefinition[];
  readonly claimCheck?: CompiledClaimCheckProps;
}

const PROPS = {
  accepts: true,
  alarms: true,
  alarmTopic: true,
  backlogAlarmAge: true,
  bindingName: true,
  dashboard: true,
  claimCheck: true,
  deadLetterRetentionPeriod: true,
  deliveryDelay: true,
  encryptionKey: true,
  fifo: true,
  handlerTimeout: true,
  highThroughput: true,
  idempotency: true,
  maxMessageSize: true,
  maxReceiveCount: true,
  posture: true,
  removalPolicy: true,
  retentionPeriod: true,
  visibilityTimeout: true,
} satisfies Record<keyof WorkQueueWithDLQProps, true>;

const RETENTION: Bounds = {
  min: limitOf('sqs.retention.min'),
  max: limitOf('sqs.retention.max'),
  words: '1 minute to 14 days',
};
const UP_TO_12_HOURS: Bounds = {
  min: 1,
  max: limitOf('sqs.visibilityTimeout.max'),
  words: '1 second to 12 hours',
};
const DELAY: Bounds = { min: 0, max: limitOf('sqs.delay.max'), words: '0 seconds to 15 minutes' };
const RECEIVES: Bounds = { min: 1, max: limitOf('sqs.maxReceiveCount.max'), words: '1 to 1000' };
const MESSAGE_BYTES: Bounds = {
  min: limitOf('sqs.message.minConfigurableBytes'),
  max: limitOf('sqs.message.maxBytes'),
  words: '1 KiB to 1 MiB',
};

/**
 * Decides every number of a work queue.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function compileWorkQueue(path: string, props: WorkQueueWithDLQProps): CompiledWorkQueue {
  const defaults = WORK_QUEUE_DEFAULTS;
  const accepts = props.accepts ?? [];
  const fifo = props.fifo ?? false;
  const handler = checkSeconds(
    'handlerTimeout',
    props.handlerTimeout ?? defaults.handlerTimeout,
    UP_TO_12_HOURS,
  );
  const visibility = visibilityOf(props, handler);
  const receives = checkCount('maxReceiveCount', props.maxReceiveCount ?? defaults.maxReceiveCount, RECEIVES);
  const retention = checkSeconds(
    'retentionPeriod',
    props.retentionPeriod ?? defaults.retentionPeriod,
    RETENTION,
  );
  const deadLetterRetention = checkSeconds(
    'deadLetterRetentionPeriod',
    props.deadLetterRetentionPeriod ?? defaults.deadLetterRetentionPeriod,
    RETENTION,
  );
  const delay = checkSeconds('deliveryDelay', props.deliveryDelay ?? defaults.deliveryDelay, DELAY);
  const bytes = checkBytes('maxMessageSize', props.maxMessageSize ?? defaults.maxMessageSize, MESSAGE_BYTES);
  const alarmAge = backlogAlarmAge(props, visibility);
  const days = daysOfQueue(retention.value, deadLetterRetention.value);
  const claimCheck = compileClaimCheckProps(props.claimCheck, {
    maxMessageBytes: bytes.value,
    neededDays: days,
    defaultDays: days,
  });
  const checked = [handler, visibility, receives, retention, deadLetterRetention, delay, bytes, alarmAge];
  refuseAll(`WorkQueueWithDLQ at '${path}' can't be built`, [
    ...unknownNames(props, Object.keys(PROPS)),
    ...switchViolations({ ...props }, ['fifo', 'highThroughput', 'idempotency', 'dashboard']),
    ...checked.flatMap(({ violations }) => violations),
    ...claimCheck.violations,
    ...sharedViolations(props),
    ...messageViolations('accepts', accepts),
    ...(fifo ? groupViolations('a FIFO queue', accepts) : []),
    ...(props.highThroughput === true && !fifo
      ? [
          'highThroughput is for FIFO queues: set fifo: true, or leave it out (a standard queue has no such limit)',
        ]
      : []),
  ]);
  return Object.freeze({
    handlerTimeoutSeconds: handler.value,
    visibilityTimeoutSeconds: visibility.value,
    maxReceiveCount: receives.value,
    retentionSeconds: retention.value,
    deadLetterRetentionSeconds: deadLetterRetention.value,
    deliveryDelaySeconds: delay.value,
    maxMessageBytes: bytes.value,
    backlogAlarmSeconds: alarmAge.value,
    fifo,
    highThroughput: fifo && (props.highThroughput ?? true),
    accepts,
    ...(claimCheck.settings && { claimCheck: claimCheck.settings }),
  });
}

function visibilityOf(props: WorkQueueWithDLQProps, handler: Checked): Checked {
  if (props.visibilityTimeout !== undefined) {
    return checkSeconds('visibilityTimeout', props.visibilityTimeout, UP_TO_12_HOURS);
  }
  if (Token.isUnresolved(handler.value)) {
    const violation =
      'visibilityTimeout must be given when handlerTimeout is known at deployment only: 6 × a token is no number';
    return { value: Number.NaN, violations: [violation] };
  }
  const wanted = handler.value * limitOf('lambda.visibilityFactor');
  const bounded = Math.max(wanted, WORK_QUEUE_DEFAULTS.minVisibilitySeconds);
  return { value: Math.min(bounded, limitOf('sqs.visibilityTimeout.max')), violations: [] };
}

function backlogAlarmAge(props: WorkQueueWithDLQProps, visibility: Checked): Checked {
  if (props.backlogAlarmAge !== undefined) {
    return checkSeconds('backlogAlarmAge', props.backlogAlarmAge, RETENTION);
  }
  const least = WORK_QUEUE_DEFAULTS.minBacklogAlarmSeconds;
  const known = !Token.isUnresolved(visibility.value);
  return { value: known ? Math.max(least, 2 * visibility.value) : least, violations: [] };
}
