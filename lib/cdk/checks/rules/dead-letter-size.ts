import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { deadLetterPairs, subscriptionsOf, type QueueFacts } from '../messaging-facts.js';
import { numberOf, type TemplateGraph } from '../template-graph.js';

/** A dead-letter queue takes messages as large as its queue gets. */
export const deadLetterSize: CheckRule = {
  id: 'dead-letter-size',
  severity: 'warning',
  title: 'A dead-letter queue takes messages as large as its queue gets',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html',
  check: (graph) =>
    deadLetterPairs(graph).flatMap(({ source, deadLetters }) => {
      const theirs = deadLetters.maxBytes;
      const largest = sendersOf(graph, source).find(({ bytes }) => theirs !== undefined && bytes > theirs);
      if (theirs === undefined || largest === undefined) return [];
      return [
        {
          resource: deadLetters.resource,
          location: 'Properties/MaximumMessageSize',
          problem: `takes ${theirs} bytes, and ${largest.name} ${largest.bytes} bytes: a worker can not put the larger ones here with their reason`,
          fix: `set MaximumMessageSize: ${largest.bytes} on the dead-letter queue`,
        },
      ];
    }),
};

/** What puts messages into a queue and how large they may be, largest first: SNS does not look at the queue's own limit. */
function sendersOf(
  graph: TemplateGraph,
  { resource, maxBytes }: QueueFacts,
): readonly { readonly name: string; readonly bytes: number }[] {
  const topics = subscriptionsOf(graph).flatMap(({ queue, topic }) => {
    if (queue !== resource || topic === undefined) return [];
    const bytes = numberOf(topic.properties['MaximumMessageSize'], limitOf('sns.message.defaultBytes'));
    return bytes === undefined ? [] : [{ name: `topic ${topic.logicalId}`, bytes }];
  });
  const own = maxBytes === undefined ? [] : [{ name: resource.logicalId, bytes: maxBytes }];
  return [...own, ...topics].sort((one, other) => other.bytes - one.bytes);
}
