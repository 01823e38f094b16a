import type { CheckRule } from '../check-rule.js';
import { mappingsOf, queuesOf } from '../messaging-facts.js';

/** A message gets a second receive before it is a dead letter. */
export const singleReceive: CheckRule = {
  id: 'single-receive',
  severity: 'warning',
  title: 'A message gets a second receive before it is a dead letter',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html',
  check: (graph) => {
    // Functions need five: another rule says so.
    const withFunctions = new Set(mappingsOf(graph, 'AWS::SQS::Queue').map(({ source }) => source));
    return queuesOf(graph)
      .filter(({ resource, redrive }) => redrive?.maxReceiveCount === 1 && !withFunctions.has(resource))
      .map(({ resource }) => ({
        resource,
        location: 'Properties/RedrivePolicy/maxReceiveCount',
        problem:
          'gives up after 1 receive: whatever a worker holds when it is stopped or crashes becomes a dead letter',
        fix: 'set maxReceiveCount to 5, or acknowledge this where nothing may run twice',
      }));
  },
};
