import type { CheckRule } from '../check-rule.js';
import { keyAccess } from '../key-access.js';
import { subscriptionsOf } from '../messaging-facts.js';

/** SNS can use the key of every queue it delivers to. */
export const subscriptionKeys: CheckRule = {
  id: 'subscription-keys',
  severity: 'error',
  title: 'SNS can use the key of every queue it delivers to',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services',
  check: (graph) =>
    subscriptionsOf(graph)
      .flatMap(({ queue, redrive, topic }) => [queue, redrive?.target].map((target) => ({ target, topic })))
      .flatMap(({ target, topic }) => {
        if (target === undefined) return [];
        const refusal = keyAccess(graph, target, { service: 'sns.amazonaws.com', source: topic });
        return refusal === undefined
          ? []
          : [{ resource: target, location: 'Properties/KmsMasterKeyId', ...refusal }];
      }),
};
