import { region_info } from 'aws-cdk-lib';
import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { placeOf } from '../places.js';
import { allowsPrincipal, allowsService, statementsOn } from '../policy-statements.js';
import { statementText } from '../statement-text.js';

/** Across Regions, one of which accounts must opt in to, SNS is let in by its Regional name. */
export const subscriptionRegion: CheckRule = {
  id: 'subscription-region',
  severity: 'error',
  title: 'SNS of an opt-in Region is let in by its Regional name',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html',
  check: (graph) =>
    subscriptionsOf(graph).flatMap(({ resource, queue, topic }) => {
      if (queue === undefined) return [];
      const regions = [
        queue.stack.region,
        placeOf(graph, resource.properties['TopicArn'], resource.stack).region,
      ].filter((region) => region !== undefined);
      const optIn = regions.filter((region) => region_info.RegionInfo.get(region).isOptInRegion);
      const [first] = optIn;
      if (new Set(regions).size < 2 || first === undefined) return [];
      const statements = statementsOn(graph, queue);
      // Where SNS is not let in at all, another rule says so.
      if (!allowsService(graph, statements, SENDING)) return [];
      const principals = optIn.map((region) => `sns.${region}.amazonaws.com`);
      if (principals.some((principal) => allowsPrincipal(statements, principal, 'sqs:SendMessage')))
        return [];
      const service = `sns.${first}.amazonaws.com`;
      return [
        {
          resource: queue,
          location: 'Properties',
          problem: `is in ${regions[0] ?? 'one Region'} and its topic in ${regions[1] ?? 'another'}; no policy lets ${service} send, as SNS calls itself there: every delivery is denied`,
          fix: `add to its policy: ${statementText({ on: queue, principal: { service }, actions: ['sqs:SendMessage'], source: topic })}`,
        },
      ];
    }),
};

const SENDING = { service: 'sns.amazonaws.com', action: 'sqs:SendMessage' };
