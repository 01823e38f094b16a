import type { CheckRule } from '../check-rule.js';
import { deadLetterPairs } from '../messaging-facts.js';

/** A dead-letter queue is of the type of its queue. */
export const deadLetterType: CheckRule = {
  id: 'dead-letter-type',
  severity: 'error',
  title: 'A dead-letter queue is of the type of its queue',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html',
  check: (graph) =>
    deadLetterPairs(graph)
      .filter(
        ({ source, deadLetters }) =>
          source.isFifo !== undefined &&
          deadLetters.isFifo !== undefined &&
          source.isFifo !== deadLetters.isFifo,
      )
      .map(({ source, deadLetters }) => ({
        resource: source.resource,
        location: 'Properties/RedrivePolicy',
        problem: `is ${nameOf(source.isFifo)}, its dead-letter queue ${deadLetters.resource.logicalId} is ${nameOf(deadLetters.isFifo)}: the deployment fails`,
        fix: `set FifoQueue: ${String(source.isFifo)} on both`,
      })),
};

const nameOf = (isFifo: boolean | undefined): string => (isFifo === true ? 'FIFO' : 'standard');
