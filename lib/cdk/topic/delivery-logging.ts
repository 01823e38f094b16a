import { Stack, aws_iam as iam, aws_logs as logs, aws_sns as sns } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { unknownNames } from '../../core/options.js';
import { checkCount, show } from '../bounds.js';
import { createLogGroup } from '../posture/posture-log-group.js';

/** What SNS writes about its deliveries. */
export interface DeliveryLoggingOptions {
  /**
   * Share of successful deliveries that are logged too, 0 to 100 percent. Failures are logged always.
   *
   * @default 0
   */
  readonly successSamplePercent?: number;

  /**
   * How long the logs are kept.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;
}

/** Properties of {@link DeliveryLogging}. */
export interface DeliveryLoggingProps extends DeliveryLoggingOptions {
  /** The topic whose deliveries are logged. */
  readonly topic: Topic;
}

const OPTIONS = {
  logRetention: true,
  successSamplePercent: true,
} satisfies Record<keyof DeliveryLoggingOptions, true>;

/** What is wrong with the prop `deliveryLogging`. */
export function deliveryLoggingViolations(given: unknown): string[] {
  if (given === undefined || typeof given === 'boolean') return [];
  if (typeof given !== 'object' || given === null || !isPlain(given)) {
    return [`deliveryLogging must be true, false or its properties, got ${show(given)}`];
  }
  const { successSamplePercent, logRetention }: Record<keyof DeliveryLoggingOptions, unknown> = {
    successSamplePercent: 0,
    logRetention: logs.RetentionDays.ONE_MONTH,
    ...given,
  };
  return [
    ...unknownNames(given, Object.keys(OPTIONS), 'deliveryLogging.'),
    ...checkCount('deliveryLogging.successSamplePercent', successSamplePercent as number, PERCENT).violations,
    ...(Object.values<unknown>(logs.RetentionDays).includes(logRetention)
      ? []
      : [`deliveryLogging.logRetention must be one of RetentionDays, got ${show(logRetention)}`]),
  ];
}

/**
 * The delivery-status log of one topic: the role SNS writes with, and the two log groups whose names SNS dictates, made
 * beforehand so that they have a retention.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
 */
export class DeliveryLogging extends Construct {
  /** What SNS says of deliveries that failed. */
  readonly failures: logs.LogGroup;

  /** What SNS says of the sampled deliveries that were made. */
  readonly successes: logs.LogGroup;

  constructor(scope: Construct, id: string, props: DeliveryLoggingProps) {
    super(scope, id);
    const { topic, successSamplePercent = 0, logRetention } = props;
    const { account, region } = Stack.of(topic);
    const name = `sns/${region}/${account}/${topic.topicName}`;
    const group = {
      retention: logRetention ?? logs.RetentionDays.ONE_MONTH,
      encryptionKey: topic.masterKey,
    };
    this.successes = createLogGroup(this, 'Successes', { ...group, logGroupName: name });
    this.failures = createLogGroup(this, 'Failures', { ...group, logGroupName: `${name}/Failure` });
    const role = this.createRole(account);
    for (const protocol of topic.fifo ? [sns.LoggingProtocol.SQS] : PROTOCOLS) {
      topic.addLoggingConfig({
        protocol,
        failureFeedbackRole: role,
        successFeedbackRole: role,
        successFeedbackSampleRate: successSamplePercent,
      });
    }
  }

  /** SNS asks for a group before it writes, and is given these two. A policy beside the role: the topic names the role first. */
  private createRole(account: string): Role {
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('sns.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      statements: [
        new iam.PolicyStatement({
          actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [this.successes.logGroupArn, this.failures.logGroupArn],
        }),
      ],
    });
    policy.attachToRole(role);
    return role;
  }
}

const PERCENT = { min: 0, max: 100, words: '0 to 100' };

/** All that SNS can log of a topic. What nobody subscribes with costs nothing. */
const PROTOCOLS = [
  sns.LoggingProtocol.SQS,
  sns.LoggingProtocol.LAMBDA,
  sns.LoggingProtocol.HTTP,
  sns.LoggingProtocol.FIREHOSE,
  sns.LoggingProtocol.APPLICATION,
];

const isPlain = (given: object): boolean =>
  !Array.isArray(given) && Object.getPrototypeOf(given) === Object.prototype;
