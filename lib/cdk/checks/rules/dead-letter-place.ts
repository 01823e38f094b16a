import type { CheckRule, Finding } from '../check-rule.js';
import { queuesOf, subscriptionsOf } from '../messaging-facts.js';
import { isOnePlace, placeInWords, placeOf } from '../places.js';
import type { TemplateGraph } from '../template-graph.js';

/** A dead-letter queue is where its queue or subscription is. */
export const deadLetterPlace: CheckRule = {
  id: 'dead-letter-place',
  severity: 'error',
  title: 'A dead-letter queue is in the account and Region of its queue or subscription',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html',
  check: (graph) => [...ofQueues(graph), ...ofSubscriptions(graph)],
};

const ofQueues = (graph: TemplateGraph): readonly Finding[] =>
  queuesOf(graph).flatMap(({ resource, redrive }) => {
    const theirs = placeOf(graph, redrive?.targetArn, resource.stack);
    if (isOnePlace(resource.stack, theirs)) return [];
    return [
      {
        resource,
        location: 'Properties/RedrivePolicy',
        problem: `is in ${placeInWords(resource.stack)}, its dead-letter queue in ${placeInWords(theirs)}: the deployment fails`,
        fix: 'make a dead-letter queue beside it',
      },
    ];
  });

/** A subscription is in its topic's Region, wherever the queue it delivers to is. */
const ofSubscriptions = (graph: TemplateGraph): readonly Finding[] =>
  subscriptionsOf(graph).flatMap(({ resource, redrive }) => {
    const { properties, stack } = resource;
    const region = placeOf(graph, properties['TopicArn'], stack).region ?? stack.region;
    const own = { accountId: stack.accountId, region };
    const theirs = placeOf(graph, redrive?.targetArn, stack);
    if (isOnePlace(own, theirs)) return [];
    return [
      {
        resource,
        location: 'Properties/RedrivePolicy',
        problem: `is in ${placeInWords(own)}, as its topic is, and its dead-letter queue in ${placeInWords(theirs)}: the deployment fails`,
        fix: 'give it a dead-letter queue in the Region of the topic',
      },
    ];
  });
