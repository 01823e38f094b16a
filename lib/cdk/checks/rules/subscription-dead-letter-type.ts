import type { CheckRule } from '../check-rule.js';
import { queueFacts, subscriptionsOf } from '../messaging-facts.js';

/** The dead-letter queue of a subscription is of the type of what it subscribes. */
export const subscriptionDeadLetterType: CheckRule = {
  id: 'subscription-dead-letter-type',
  severity: 'error',
  title: 'The dead-letter queue of a subscription is of the type of the subscribed queue',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html',
  check: (graph) =>
    subscriptionsOf(graph).flatMap(({ resource, queue, redrive, protocol }) => {
      const target = redrive?.target;
      const isFifo = protocol === 'sqs' ? queue && queueFacts(graph, queue).isFifo : false;
      const isDeadFifo = target && queueFacts(graph, target).isFifo;
      if (target === undefined || isFifo === undefined || isDeadFifo === undefined || isFifo === isDeadFifo)
        return [];
      return [
        {
          resource,
          location: 'Properties/RedrivePolicy',
          problem: `delivers to ${isFifo ? 'a FIFO queue' : protocol === 'sqs' ? 'a standard queue' : protocol}, and its dead-letter queue ${target.logicalId} is ${isDeadFifo ? 'FIFO' : 'standard'}: SNS can't put failed deliveries there`,
          fix: isFifo ? 'make the dead-letter queue FIFO' : 'make the dead-letter queue standard',
        },
      ];
    }),
};
