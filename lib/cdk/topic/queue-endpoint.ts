import { Token } from 'aws-cdk-lib';
import { SubscriptionProtocol, Topic, type ITopic, type TopicSubscriptionConfig } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { keyStatement, sendStatement } from './foreign-policies.js';

/**
 * Opens a queue and its key for one topic, and says where to deliver.
 *
 * In place of aws-cdk-lib's `SqsSubscription`: with the feature flag `restrictSqsDescryption` that names the topic in the
 * key's policy, a cycle wherever topic and queue share the key (aws-cdk#35418), and without the flag it lets SNS in for
 * every account.
 */
export function queueEndpoint(topic: ITopic, queue: IQueue): TopicSubscriptionConfig {
  const { policyDependable } = queue.addToResourcePolicy(sendStatement(topic, queue));
  queue.encryptionMasterKey?.addToResourcePolicy(keyStatement(topic, queue));
  const { region } = topic.env;
  const isAway = !Token.isUnresolved(region) && region !== queue.env.region;
  if (topic instanceof Topic && topic.stack !== queue.stack) queue.stack.addStackDependency(topic.stack);
  return {
    endpoint: queue.queueArn,
    protocol: SubscriptionProtocol.SQS,
    subscriberId: `From${topic.node.id}`,
    ...(isAway && { region }),
    ...(policyDependable && { subscriptionDependency: policyDependable }),
  };
}
