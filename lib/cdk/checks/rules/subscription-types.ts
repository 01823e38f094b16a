import { switchOf } from '../template-graph.js';
import type { CheckRule } from '../check-rule.js';
import { queueFacts, subscriptionsOf } from '../messaging-facts.js';

/** Topic and subscriber are of types that fit. */
export const subscriptionTypes: CheckRule = {
  id: 'subscription-types',
  severity: 'error',
  title: 'Topic and subscriber are of types that fit',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html',
  check: (graph) =>
    subscriptionsOf(graph).flatMap(({ resource, topic, queue, protocol }) => {
      if (topic === undefined) return [];
      const isFifoTopic = switchOf(topic.properties['FifoTopic']);
      const isFifoQueue = queue && queueFacts(graph, queue).isFifo;
      const finding = (problem: string, fix: string) => [
        { resource, location: 'Properties/Endpoint', problem, fix },
      ];
      if (isFifoTopic === true && protocol !== 'sqs') {
        return finding(
          `subscribes ${protocol} to FIFO topic ${topic.logicalId}, which delivers to SQS queues only: the deployment fails`,
          'put a queue between them',
        );
      }
      if (isFifoTopic === false && isFifoQueue === true) {
        return finding(
          `subscribes a FIFO queue to standard topic ${topic.logicalId}: the deployment fails`,
          'make the topic FIFO, or the queue standard',
        );
      }
      return [];
    }),
};
