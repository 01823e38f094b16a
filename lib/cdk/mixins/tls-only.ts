import { aws_iam as iam, aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnTopic } from 'aws-cdk-lib/aws-sns';
import type { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct, IMixin } from 'constructs';
import { ownerStatement } from '../topic/topic-policy.js';
import { addToPolicy } from './resource-policy.js';

/**
 * Queues and topics that deny plain HTTP. A topic's owner gets back the rights that SNS's default policy gave, since any
 * policy replaces that default.
 *
 * @example
 * Mixins.of(app).apply(new TlsOnly());
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html
 */
export class TlsOnly implements IMixin {
  /** Whether it is a queue or a topic. */
  supports(construct: IConstruct): construct is CfnQueue | CfnTopic {
    return sqs.CfnQueue.isCfnQueue(construct) || sns.CfnTopic.isCfnTopic(construct);
  }

  /** Adds the statement that denies plain HTTP to the resource's policy, for a topic with the owner's rights. */
  applyTo(construct: IConstruct): void {
    if (sqs.CfnQueue.isCfnQueue(construct)) addToPolicy(construct, queueStatement(construct.attrArn));
    if (sns.CfnTopic.isCfnTopic(construct)) {
      addToPolicy(construct, topicStatement(construct.ref));
      addToPolicy(construct, ownerStatement(construct.ref));
    }
  }
}

// In the very words of aws-cdk-lib's enforceSSL, so that both together are one statement.
const NO_TLS = { effect: iam.Effect.DENY, conditions: { Bool: { 'aws:SecureTransport': 'false' } } };

const queueStatement = (arn: string): PolicyStatement =>
  new iam.PolicyStatement({
    ...NO_TLS,
    principals: [new iam.AnyPrincipal()],
    actions: ['sqs:*'],
    resources: [arn],
  });

const topicStatement = (arn: string): PolicyStatement =>
  new iam.PolicyStatement({
    ...NO_TLS,
    sid: 'AllowPublishThroughSSLOnly',
    principals: [new iam.StarPrincipal()],
    actions: ['sns:Publish'],
    resources: [arn],
  });
