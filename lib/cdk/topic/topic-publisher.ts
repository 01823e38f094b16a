import { Token } from 'aws-cdk-lib';
import type { IBucketRef } from 'aws-cdk-lib/aws-s3';
import { unknownNames } from '../../core/options.js';
import { show } from '../bounds.js';

/** For which account an AWS service publishes. */
export interface PublisherAccount {
  /**
   * The account the service acts for, 12 digits.
   *
   * @default - the account of the stack that allows it
   */
  readonly account?: string;
}

/** On whose behalf an AWS service publishes. */
export interface PublisherSource extends PublisherAccount {
  /**
   * What the service acts for: ARNs, or patterns with `*`. They are conditions of the topic's policy only. A key's policy
   * names the account, since the ARN of a resource under the same key would be a cycle.
   *
   * @default - everything in the account
   */
  readonly sourceArns?: readonly string[];
}

/**
 * What a service says of its source when it publishes: the topic's policy and the key's can ask for no more.
 *
 * - `source`: account and ARN, to both
 * - `via-sns`: nothing to the topic; the key sees that SNS asks for it
 * - `nothing`: a condition would deny everything, and nobody would be told
 */
export type PublisherEvidence = 'source' | 'via-sns' | 'nothing';

/** What is known of one service that publishes. */
export interface TopicPublisherFacts extends PublisherSource {
  /** Its principal, such as `s3.amazonaws.com`. */
  readonly service: string;

  /**
   * What the policies may ask of it.
   *
   * @default 'source'
   */
  readonly evidence?: PublisherEvidence;

  /**
   * Whether it can publish to FIFO topics.
   *
   * @default true
   */
  readonly takesFifo?: boolean;

  /**
   * Why an encrypted topic may not get its messages though policy and key allow them.
   *
   * @default - it does
   */
  readonly encryptionDoubt?: string;
}

/**
 * An AWS service that publishes to a topic, for `allowPublishFrom`: each with what its documentation says that the topic's
 * policy and key need.
 *
 * Services set no message attributes. A subscription with `messages` or `where` does not get what they publish.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
export class TopicPublisher {
  /**
   * S3, for the event notifications of one bucket.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
   */
  static s3(bucket: IBucketRef, source: PublisherAccount = {}): TopicPublisher {
    const sourceArns = [bucket.bucketRef.bucketArn];
    return new TopicPublisher({ ...source, sourceArns, service: 's3.amazonaws.com', takesFifo: false });
  }

  /**
   * RDS, for event subscriptions; `sourceArns` are those of databases, clusters and the like. Encrypted topics are warned
   * of, with the id `millrace:FanoutTopic.encryptedPublisher`.
   * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
   */
  static rds(source: PublisherSource = {}): TopicPublisher {
    return new TopicPublisher({
      ...source,
      service: 'events.rds.amazonaws.com',
      takesFifo: false,
      encryptionDoubt: "RDS's documentation has said that it sends no events to encrypted topics",
    });
  }

  /**
   * CloudWatch, for alarms. Those of our constructs that have an `alarmTopic` need no call: they open it themselves.
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
   */
  static cloudWatchAlarms(source: PublisherSource = {}): TopicPublisher {
    return new TopicPublisher({ ...source, service: 'cloudwatch.amazonaws.com', takesFifo: false });
  }

  /**
   * EventBridge, for rules of this account without a role. It says nothing of its rule, so any condition, in the topic's
   * policy or in the key's, would deny all of its events. Where that is too open, give the rule's target a role
   * (`new SnsTopic(events.topic, { authorizeUsingRole: true })`), which needs no call of this.
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
   */
  static eventBridge(): TopicPublisher {
    return new TopicPublisher({ service: 'events.amazonaws.com', evidence: 'nothing' });
  }

  /**
   * SES, for bounces, complaints, deliveries and received mail; `sourceArns` are those of identities or configuration sets.
   * @see https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html
   */
  static ses(source: PublisherSource = {}): TopicPublisher {
    return new TopicPublisher({ ...source, service: 'ses.amazonaws.com', takesFifo: false });
  }

  /**
   * AWS Budgets, for the alerts of budgets.
   * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
   */
  static budgets(source: PublisherSource = {}): TopicPublisher {
    return new TopicPublisher({ ...source, service: 'budgets.amazonaws.com', takesFifo: false });
  }

  /**
   * Notification rules of CodePipeline, CodeBuild, CodeCommit and CodeDeploy. They say nothing of their source to the topic.
   * @see https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html
   */
  static developerTools(): TopicPublisher {
    const service = 'codestar-notifications.amazonaws.com';
    return new TopicPublisher({ service, evidence: 'via-sns', takesFifo: false });
  }

  /**
   * Any other service, by its principal, such as `inspector.amazonaws.com`. Its documentation must name `aws:SourceAccount`
   * (and `aws:SourceArn` where `sourceArns` are given).
   */
  static service(principal: string, source: PublisherSource = {}): TopicPublisher {
    return new TopicPublisher({ ...source, service: principal });
  }

  /** What is known of it. */
  readonly facts: TopicPublisherFacts;

  private constructor(facts: TopicPublisherFacts) {
    this.facts = Object.freeze(facts);
  }
}

const FACTS = {
  account: true,
  encryptionDoubt: true,
  evidence: true,
  service: true,
  sourceArns: true,
  takesFifo: true,
} satisfies Record<keyof TopicPublisherFacts, true>;

/** What is wrong with a publisher as it was given, by itself. */
export function publisherViolations(given: unknown): string[] {
  if (!isPublisher(given)) {
    return [`publisher must be a TopicPublisher, such as TopicPublisher.rds(), got ${show(given)}`];
  }
  const { service, account, sourceArns }: Record<'service' | 'account' | 'sourceArns', unknown> = {
    account: undefined,
    sourceArns: undefined,
    ...given.facts,
  };
  return [
    ...unknownNames(given.facts, Object.keys(FACTS)),
    ...(typeof service === 'string' && SERVICE.test(service)
      ? []
      : [`service must be the principal of a service, such as 's3.amazonaws.com', got ${show(service)}`]),
    ...(account === undefined || isTextLike(account, /^\d{12}$/)
      ? []
      : [`account must be the 12 digits of an AWS account, got ${show(account)}`]),
    ...arnViolations(sourceArns),
  ];
}

function arnViolations(arns: unknown): string[] {
  if (arns === undefined) return [];
  if (!Array.isArray(arns)) return [`sourceArns must be a list of ARNs, got ${show(arns)}`];
  if (arns.length === 0) return ['sourceArns is an empty list and would allow nothing: leave it out for all'];
  return arns
    .filter((arn: unknown) => !isTextLike(arn, /^arn:./))
    .map((arn: unknown) => `sourceArns must hold ARNs or patterns of them, got ${show(arn)}`);
}

const SERVICE = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/;

const isTextLike = (value: unknown, pattern: RegExp): boolean =>
  typeof value === 'string' && (Token.isUnresolved(value) || pattern.test(value));

// By its field and not by instanceof: two copies of this package in one tree must not break an app.
const isPublisher = (given: unknown): given is TopicPublisher =>
  typeof given === 'object' &&
  given !== null &&
  'facts' in given &&
  typeof given.facts === 'object' &&
  given.facts !== null;
