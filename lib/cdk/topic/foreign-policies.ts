import { Resource, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';

/** What SNS needs of a queue that a topic delivers to, its key included. */
export interface DeliveryRights {
  readonly topic: ITopic;
  readonly queue: IQueue;
  /** What the queue is to the subscription, for the warning's words and id. */
  readonly role: 'queue' | 'deadLetterQueue';
}

/**
 * Policies of imported queues and keys can't be written by this app, and aws-cdk-lib leaves them out without a word. This
 * warns with the very statement to add where the queue or key is managed.
 */
export function warnOfForeignPolicies(scope: Construct, { topic, queue, role }: DeliveryRights): void {
  if (!isOwned(queue)) {
    warn(scope, `millrace:FanoutSubscription.${role}Policy`, queue, sendStatement(topic, queue));
  }
  const key = queue.encryptionMasterKey;
  if (key !== undefined && !isOwned(key)) {
    warn(scope, `millrace:FanoutSubscription.${role}KeyPolicy`, key, keyStatement(topic));
  }
}

/** Lets SNS send to a queue on behalf of one topic. */
function sendStatement(topic: ITopic, queue: IQueue): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('sns.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
  });
}

/** Lets SNS use a key on behalf of the topic's account: by ARN it would be a cycle wherever they share the key (aws-cdk#35418). */
export function keyStatement(topic: ITopic): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('sns.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': topic.env.account } },
  });
}

function warn(scope: Construct, id: string, owner: IQueue | IKey, statement: PolicyStatement): void {
  const json = JSON.stringify(Stack.of(scope).resolve(statement.toStatementJson()));
  Validations.of(scope).addWarning(
    id,
    `'${owner.node.path}' is imported, so its policy can't be written here; unless it holds this statement, SNS is denied and messages are lost: ${json}`,
  );
}

const isOwned = (construct: IConstruct): boolean => Resource.isOwnedResource(construct);
