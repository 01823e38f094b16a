import type { CheckRule } from '../check-rule.js';
import { switchOf } from '../template-graph.js';

/** The name of a FIFO queue or topic ends with .fifo, and no other does. */
export const fifoName: CheckRule = {
  id: 'fifo-name',
  severity: 'error',
  title: 'The name of a FIFO queue or topic ends with .fifo, and no other does',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-fifo.html',
  check: (graph) =>
    graph.ofType('AWS::SQS::Queue', 'AWS::SNS::Topic').flatMap((resource) => {
      const isQueue = resource.type === 'AWS::SQS::Queue';
      const name = resource.properties[isQueue ? 'QueueName' : 'TopicName'];
      const isFifo = switchOf(resource.properties[isQueue ? 'FifoQueue' : 'FifoTopic']);
      if (typeof name !== 'string' || isFifo === undefined || name.endsWith('.fifo') === isFifo) return [];
      return [
        {
          resource,
          location: `Properties/${isQueue ? 'QueueName' : 'TopicName'}`,
          problem: `is ${isFifo ? 'FIFO' : 'standard'}, and its name is ${name}: the deployment fails`,
          fix: isFifo
            ? `name it ${name}.fifo, or leave the name to CloudFormation`
            : `leave .fifo off the name, or set ${isQueue ? 'FifoQueue' : 'FifoTopic'}: true`,
        },
      ];
    }),
};
