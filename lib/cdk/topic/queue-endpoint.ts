import { Lazy, Token, Validations, aws_sns as sns, type Stack } from 'aws-cdk-lib';
import type { ITopic, TopicSubscriptionConfig } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IDependable } from 'constructs';
import { limitOf } from '../../contract/limits.js';
import { keyStatement, sendStatement, snsNameAt } from './foreign-policies.js';

/**
 * Opens a queue and its key for one topic, and says where to deliver.
 *
 * In place of aws-cdk-lib's `SqsSubscription`: with the feature flag `restrictSqsDescryption` that names the topic in the
 * key's policy, a cycle wherever topic and queue share the key (aws-cdk#35418), and without the flag it lets SNS in for
 * every account.
 */
export function queueEndpoint(topic: ITopic, queue: IQueue): TopicSubscriptionConfig {
  const { policyDependable } = letSend(topic, queue);
  queue.encryptionMasterKey?.addToResourcePolicy(keyStatement(topic, queue));
  const { region } = topic.env;
  const isAway = !Token.isUnresolved(region) && region !== queue.env.region;
  if (topic instanceof sns.Topic && !isWithin(queue.stack, topic.stack))
    queue.stack.addStackDependency(topic.stack);
  return {
    endpoint: queue.queueArn,
    protocol: sns.SubscriptionProtocol.SQS,
    subscriberId: `From${topic.node.id}`,
    ...(isAway && { region }),
    ...(policyDependable && { subscriptionDependency: policyDependable }),
  };
}

/** Whether a stack is the other or nested in it: what is nested is made with its parent, and can't wait for it. */
function isWithin(stack: Stack, other: Stack): boolean {
  return (
    stack === other || (stack.nestedStackParent !== undefined && isWithin(stack.nestedStackParent, other))
  );
}

/** A statement that lets SNS send to a queue, for all topics of which SNS has the same name there. */
interface Senders {
  readonly topicArns: string[];
  readonly policyDependable: IDependable | undefined;
}

/** Who may send to which queue, by the principal that SNS comes under. */
const SENDERS = new WeakMap<IQueue, Map<string, Senders>>();

/** A statement per topic would soon be more than SQS takes (aws-cdk#28378), so topics share one. */
function letSend(topic: ITopic, queue: IQueue): Pick<Senders, 'policyDependable'> {
  const statement = sendStatement(topic, queue);
  const byPrincipal = SENDERS.get(queue) ?? new Map<string, Senders>();
  SENDERS.set(queue, byPrincipal);
  const principal = snsNameAt(queue, topic);
  const known = byPrincipal.get(principal);
  if (known) {
    if (!known.topicArns.includes(topic.topicArn)) known.topicArns.push(topic.topicArn);
    warnOfSize(queue, known.topicArns);
    return known;
  }
  const topicArns = [topic.topicArn];
  statement.addCondition('ArnEquals', {
    'aws:SourceArn': Lazy.any({ produce: () => (topicArns.length === 1 ? topicArns[0] : topicArns) }),
  });
  const { policyDependable } = queue.addToResourcePolicy(statement);
  const senders = { topicArns, policyDependable };
  byPrincipal.set(principal, senders);
  return senders;
}

function warnOfSize(queue: IQueue, topicArns: readonly string[]): void {
  const max = limitOf('sqs.policy.maxBytes');
  const bytes = topicArns.reduce((sum, arn) => sum + lengthOf(arn) + QUOTES, FRAME_BYTES);
  if (bytes <= max) return;
  Validations.of(queue).addWarning(
    'millrace:FanoutSubscription.queuePolicySize',
    `${topicArns.length} topics deliver to this queue, and its policy names each: about ${bytes} bytes, of which SQS takes ${max}; put one topic between, or spread them over queues`,
  );
}

/** A name made at deployment is commonly shorter. */
const lengthOf = (arn: string): number => (Token.isUnresolved(arn) ? 100 : arn.length);
const QUOTES = 3;

/** The statement around the list, and the one that denies plain HTTP. */
const FRAME_BYTES = 600;
