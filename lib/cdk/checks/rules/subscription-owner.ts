import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { placeOf } from '../places.js';

/** Who owns the queue or function subscribes it. */
export const subscriptionOwner: CheckRule = {
  id: 'subscription-owner',
  severity: 'warning',
  title: 'A queue or function is subscribed by the account that owns it',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html',
  check: (graph) =>
    subscriptionsOf(graph).flatMap(({ resource, protocol }) => {
      const own = resource.stack.accountId;
      const theirs = placeOf(graph, resource.properties['Endpoint'], resource.stack).accountId;
      if (protocol !== 'sqs' && protocol !== 'lambda') return [];
      if (own === undefined || theirs === undefined || own === theirs) return [];
      return [
        {
          resource,
          location: 'Properties/Endpoint',
          problem: `is made in account ${own} for a ${protocol === 'sqs' ? 'queue' : 'function'} of account ${theirs}: nothing is delivered until somebody there confirms it by the token they were sent`,
          fix: `subscribe in a stack of account ${theirs} (the topic’s policy must allow it sns:Subscribe): such a subscription needs no confirmation`,
        },
      ];
    }),
};
