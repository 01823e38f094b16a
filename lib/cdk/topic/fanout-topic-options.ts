import { Size, Token, type Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { limitOf } from '../../contract/limits.js';
import type { MessageDefinition } from '../../contract/message.js';
import { refuseAll } from '../../core/errors.js';
import { unknownNames } from '../../core/options.js';
import type { AlarmProps } from '../alarms.js';
import type { DashboardProps } from '../monitoring/own-dashboard.js';
import type { PostureProps } from '../posture/posture.js';
import { sharedViolations } from '../shared-props.js';
import { checkBytes, checkSeconds, show, switchViolations, type Bounds, type Checked } from '../bounds.js';
import {
  compileClaimCheckProps,
  TOPIC_DAYS,
  type ClaimCheckProps,
  type CompiledClaimCheckProps,
} from '../claim-check/claim-check-options.js';
import { deliveryLoggingViolations, type DeliveryLoggingOptions } from './delivery-logging.js';
import { groupViolations, messageViolations } from '../messages.js';

/** Properties of a {@link FanoutTopic}. */
export interface FanoutTopicProps<M extends MessageDefinition = MessageDefinition>
  extends AlarmProps, DashboardProps, PostureProps {
  /** The messages this topic carries: filters, bindings and checks are derived from them. */
  readonly messages: readonly M[];

  /**
   * Whether messages of one group stay in order. FIFO topics deliver to SQS queues only. Changing this replaces the
   * topic.
   *
   * @default false
   */
  readonly fifo?: boolean;

  /**
   * Whether a FIFO topic deduplicates and throttles per message group, which lifts the 3000 messages a second of the
   * topic. Sound with millrace's publishers: the id and the group are both read off the payload.
   *
   * @default true - for a FIFO topic; a standard topic has no groups to throttle by
   * @see https://docs.aws.amazon.com/sns/latest/dg/fifo-high-throughput.html
   */
  readonly highThroughput?: boolean;

  /**
   * Whether SNS hashes the body of a message without a deduplication id. Millrace's publishers always send the
   * business id, so this is for other publishers. FIFO topics only.
   *
   * @default false
   */
  readonly contentBasedDeduplication?: boolean;

  /**
   * The largest message the topic takes, attributes included. 1 KiB to 1 MiB; above 256 KiB it can have 100
   * subscriptions, of queues, functions and Firehose only.
   *
   * @default Size.kibibytes(256)
   * @see https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
   */
  readonly maxMessageSize?: Size;

  /**
   * Whether payloads that are too large for a message are left in a bucket of S3, so that the message carries a pointer, as
   * with AWS's extended clients. The bucket takes TLS only, is private, and forgets payloads after `expireAfter`.
   *
   * @default false
   */
  readonly claimCheck?: boolean | ClaimCheckProps;

  /**
   * Whether SNS logs deliveries that failed, and a sample of those that were made, with its reasons: the role and two log
   * groups with a retention are made.
   *
   * @default false
   * @see https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
   */
  readonly deliveryLogging?: boolean | DeliveryLoggingOptions;

  /**
   * How long a FIFO topic archives its messages, so that subscriptions can have them again with `replayFrom`. Whole days, 1
   * to 365. Such a topic can't be deleted until its archive was turned off.
   *
   * @default - no archive
   * @see https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html
   */
  readonly archiveRetention?: Duration;

  /**
   * The name people see, at most 100 characters.
   *
   * @default - none
   */
  readonly displayName?: string;

  /**
   * A customer managed key to encrypt messages at rest.
   *
   * @default - under posture `standard` no encryption at rest: the key AWS manages could not be used by AWS services that publish here; under the others the stack's key
   * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the topic when it leaves the stack. Its subscriptions go with it either way.
   *
   * @default - RemovalPolicy.DESTROY, under posture `regulated` RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The name clients ask for: `createPublisher({ topic: 'RepositoryEvents' })`.
   *
   * @default - the construct's id
   */
  readonly bindingName?: string;
}

/** What a `FanoutTopic` is when nothing is said. */
export const FANOUT_TOPIC_DEFAULTS = Object.freeze({
  /** The service's own default: above it, a topic loses every other kind of subscriber. */
  maxMessageSize: Size.bytes(limitOf('sns.message.defaultBytes')),
});

/** A topic's decided values. */
export interface CompiledFanoutTopic<M extends MessageDefinition = MessageDefinition> {
  readonly messages: readonly M[];
  readonly fifo: boolean;
  readonly highThroughput: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly maxMessageBytes: number;
  readonly archiveDays?: number;
  readonly claimCheck?: CompiledClaimCheckProps;
}

const PROPS = {
  alarms: true,
  alarmTopic: true,
  archiveRetention: true,
  bindingName: true,
  claimCheck: true,
  contentBasedDeduplication: true,
  dashboard: true,
  deliveryLogging: true,
  displayName: true,
  encryptionKey: true,
  fifo: true,
  highThroughput: true,
  maxMessageSize: true,
  messages: true,
  posture: true,
  removalPolicy: true,
} satisfies Record<keyof FanoutTopicProps, true>;

const MESSAGE_BYTES: Bounds = { min: 1_024, max: limitOf('sns.message.maxBytes'), words: '1 KiB to 1 MiB' };

/**
 * Decides the values of a topic.
 * @throws {INVALID_OPTIONS} with all violations at once
 */
export function compileFanoutTopic<M extends MessageDefinition>(
  path: string,
  props: FanoutTopicProps<M>,
): CompiledFanoutTopic<M> {
  const fifo = props.fifo ?? false;
  const bytes = checkBytes(
    'maxMessageSize',
    props.maxMessageSize ?? FANOUT_TOPIC_DEFAULTS.maxMessageSize,
    MESSAGE_BYTES,
  );
  const claimCheck = compileClaimCheckProps(props.claimCheck, {
    maxMessageBytes: bytes.value,
    neededDays: 1, // what subscribes is not known yet: a check at synth judges it
    defaultDays: TOPIC_DAYS,
  });
  const archive = archiveDays(props.archiveRetention);
  refuseAll(`FanoutTopic at '${path}' can't be built`, [
    ...unknownNames(props, Object.keys(PROPS)),
    ...switchViolations({ ...props }, ['fifo', 'highThroughput', 'contentBasedDeduplication', 'dashboard']),
    ...sharedViolations(props),
    ...displayNameViolations(props.displayName),
    ...deliveryLoggingViolations(props.deliveryLogging),
    ...archive.violations,
    ...(props.archiveRetention !== undefined && !fifo
      ? ['archiveRetention is for FIFO topics: set fifo: true, or archive through Firehose']
      : []),
    ...messageViolations('messages', props.messages),
    ...(Array.isArray(props.messages) && props.messages.length === 0
      ? ['messages must name at least one message: it is what the topic is for']
      : []),
    ...(fifo ? groupViolations('a FIFO topic', props.messages) : []),
    ...bytes.violations,
    ...claimCheck.violations,
    ...(props.highThroughput === true && !fifo
      ? ['highThroughput is for FIFO topics: set fifo: true, or leave it out']
      : []),
    ...(props.contentBasedDeduplication === true && !fifo
      ? ['contentBasedDeduplication is for FIFO topics: set fifo: true, or leave it out']
      : []),
  ]);
  return Object.freeze({
    messages: props.messages,
    fifo,
    highThroughput: fifo && (props.highThroughput ?? true),
    contentBasedDeduplication: props.contentBasedDeduplication ?? false,
    maxMessageBytes: bytes.value,
    ...(props.archiveRetention && { archiveDays: archive.value }),
    ...(claimCheck.settings && { claimCheck: claimCheck.settings }),
  });
}

function archiveDays(retention: Duration | undefined): Checked {
  if (retention === undefined) return { value: 0, violations: [] };
  const seconds = checkSeconds('archiveRetention', retention, ARCHIVE);
  const days = seconds.value / 86_400;
  const isWhole = seconds.violations.length > 0 || Number.isInteger(days);
  if (isWhole && !Token.isUnresolved(seconds.value)) return { ...seconds, value: days };
  const violation = 'archiveRetention must be whole days (1 day to 365 days), known at synth';
  return { value: Number.NaN, violations: [violation] };
}

const ARCHIVE: Bounds = { min: 86_400, max: 365 * 86_400, words: '1 day to 365 days' };

function displayNameViolations(name: unknown): string[] {
  if (name === undefined || (typeof name === 'string' && Token.isUnresolved(name))) return [];
  return typeof name === 'string' && name.length <= MAX_DISPLAY_NAME
    ? []
    : [`displayName must be at most ${MAX_DISPLAY_NAME} characters, got ${lengthOf(name)}`];
}

const MAX_DISPLAY_NAME = 100;
const lengthOf = (value: unknown): string => (typeof value === 'string' ? `${value.length}` : show(value));
