import { Resource, Token, Validations, region_info, aws_iam as iam } from 'aws-cdk-lib';
import type { IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { statementJson } from '../statement-json.js';

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
  const id = `millrace:FanoutSubscription.${role}`;
  const statement = sendStatement(topic, queue);
  warnOfForeignPolicy(scope, { id: `${id}Policy`, owner: queue, statement, loses: DENIED });
  const key = queue.encryptionMasterKey;
  if (key === undefined) return;
  const keyed = keyStatement(topic, queue);
  warnOfForeignPolicy(scope, { id: `${id}KeyPolicy`, owner: key, statement: keyed, loses: DENIED });
}

/** Lets SNS send to a queue on behalf of one topic. */
export function sendStatement(topic: ITopic, queue: IQueue): PolicyStatement {
  return new iam.PolicyStatement({
    principals: [snsPrincipal(topic, queue)],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
  });
}

/** Lets SNS use a key on behalf of the topic's account: by ARN it would be a cycle wherever they share the key (aws-cdk#35418). */
export function keyStatement(topic: ITopic, queue: IQueue): PolicyStatement {
  return new iam.PolicyStatement({
    principals: [snsPrincipal(topic, queue)],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': topic.env.account } },
  });
}

/** SNS as a queue sees it: across Regions, one of which accounts must opt in to, it comes under a Regional name. */
export function snsNameAt(queue: IQueue, topic: ITopic): string {
  const regions = [queue.env.region, topic.env.region];
  const optIn = regions.find(
    (region) => !Token.isUnresolved(region) && region_info.RegionInfo.get(region).isOptInRegion,
  );
  const areKnown = !regions.some((region) => Token.isUnresolved(region));
  return areKnown && regions[0] !== regions[1] && optIn !== undefined ? `sns.${optIn}.amazonaws.com` : SNS;
}

function snsPrincipal(topic: ITopic, queue: IQueue): IPrincipal {
  const name = snsNameAt(queue, topic);
  return name === SNS
    ? new iam.ServicePrincipal(name)
    : iam.ServicePrincipal.fromStaticServicePrincipleName(name);
}

const SNS = 'sns.amazonaws.com';

/** A statement that belongs into the policy of what may be imported. */
export interface ForeignStatement {
  /** The warning's id. */
  readonly id: string;
  /** What has the policy. */
  readonly owner: IConstruct;
  readonly statement: PolicyStatement;
  /** What happens without it. */
  readonly loses: string;
}

/** Warns with the statement where its owner is imported. */
export function warnOfForeignPolicy(
  scope: Construct,
  { id, owner, statement, loses }: ForeignStatement,
): void {
  if (Resource.isOwnedResource(owner)) return;
  const json = statementJson(scope, statement);
  Validations.of(scope).addWarning(
    id,
    `'${owner.node.path}' is imported, so its policy can't be written here; unless it holds this statement, ${loses}: ${json}`,
  );
}

const DENIED = 'SNS is denied and messages are lost';
