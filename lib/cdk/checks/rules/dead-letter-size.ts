import type { CheckRule } from '../check-rule.js';
import { deadLetterPairs } from '../messaging-facts.js';

/** A dead-letter queue takes messages as large as its queue does. */
export const deadLetterSize: CheckRule = {
  id: 'dead-letter-size',
  severity: 'warning',
  title: 'A dead-letter queue takes messages as large as its queue does',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html',
  check: (graph) =>
    deadLetterPairs(graph).flatMap(({ source, deadLetters }) => {
      const [own, theirs] = [source.maxBytes, deadLetters.maxBytes];
      if (own === undefined || theirs === undefined || own <= theirs) return [];
      return [
        {
          resource: deadLetters.resource,
          location: 'Properties/MaximumMessageSize',
          problem: `takes ${theirs} bytes, and ${source.resource.logicalId} ${own} bytes: a worker can not put the larger ones here with their reason`,
          fix: `set MaximumMessageSize: ${own} on the dead-letter queue`,
        },
      ];
    }),
};
