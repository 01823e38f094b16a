import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';

/** SNS posts to URLs over TLS. */
export const subscriptionHttps: CheckRule = {
  id: 'subscription-https',
  severity: 'warning',
  title: 'SNS posts to URLs over TLS',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html#enforce-encryption-data-in-transit',
  check: (graph) =>
    subscriptionsOf(graph)
      .filter(({ protocol }) => protocol === 'http')
      .map(({ resource }) => ({
        resource,
        location: 'Properties/Protocol',
        problem: 'posts messages in plain text: anybody on the way reads them',
        fix: "set Protocol: 'https' and an https:// Endpoint",
      })),
};
