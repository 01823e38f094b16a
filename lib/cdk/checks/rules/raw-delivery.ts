import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { switchOf } from '../template-graph.js';

/** Only what can take raw messages gets them. */
export const rawDelivery: CheckRule = {
  id: 'raw-delivery',
  severity: 'error',
  title: 'Only what can take raw messages gets them',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html',
  check: (graph) =>
    subscriptionsOf(graph)
      .filter(
        ({ resource, protocol }) =>
          switchOf(resource.properties['RawMessageDelivery']) === true && !TAKERS.includes(protocol),
      )
      .map(({ resource, protocol }) => ({
        resource,
        location: 'Properties/RawMessageDelivery',
        problem: `asks for raw delivery by ${protocol}, SNS knows it for ${TAKERS.join(', ')}: the deployment fails`,
        fix: 'leave RawMessageDelivery out',
      })),
};

const TAKERS: readonly string[] = ['sqs', 'firehose', 'http', 'https'];
