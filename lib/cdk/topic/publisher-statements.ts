import { aws_iam as iam } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { TopicPublisher } from './topic-publisher.js';

/** Conditions of a policy statement: operator, key, values. */
type Conditions = Record<string, Record<string, string | readonly string[]>>;

/** Lets a service publish to a topic, on behalf of its source where it names one. */
export function publishStatement(
  topic: ITopic,
  { facts }: TopicPublisher,
  ownAccount: string,
): PolicyStatement {
  const { service, sourceArns, account = ownAccount, evidence = 'source' } = facts;
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(service)],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    ...(evidence === 'source' && {
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ...(sourceArns && { ArnLike: { 'aws:SourceArn': sourceArns } }),
      } satisfies Conditions,
    }),
  });
}

/**
 * Lets a service use the key of a topic that it publishes to. By account and never by ARN: what it acts for may be under the
 * same key, whose policy would then name what names the key.
 */
export function publisherKeyStatement(
  topic: ITopic,
  { facts }: TopicPublisher,
  ownAccount: string,
): PolicyStatement {
  const { service, account = ownAccount, evidence = 'source' } = facts;
  const conditions = {
    source: { StringEquals: { 'aws:SourceAccount': account } },
    'via-sns': { StringEquals: { 'kms:ViaService': `sns.${topic.env.region}.amazonaws.com` } },
    nothing: undefined,
  }[evidence];
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(service)],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
    ...(conditions && { conditions }),
  });
}
