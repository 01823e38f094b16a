import type { CheckRule } from '../check-rule.js';
import { workerTablesOf } from '../table-facts.js';

/** A table of workers grows with their load. */
export const tableBilling: CheckRule = {
  id: 'table-billing',
  severity: 'warning',
  title: 'A table of workers takes what they write',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/kcl-dynamoDB.html',
  check: (graph) =>
    workerTablesOf(graph).flatMap(({ resource, holds }) => {
      const scaled = graph
        .ofType('AWS::ApplicationAutoScaling::ScalableTarget')
        .some(
          ({ properties, stack }) =>
            JSON.stringify(properties['ResourceId'] ?? '').includes(`"${resource.logicalId}"`) &&
            stack === resource.stack,
        );
      const mode = resource.properties['BillingMode'] ?? 'PROVISIONED';
      if (mode !== 'PROVISIONED' || scaled) return [];
      return [
        {
          resource,
          location: 'Properties/BillingMode',
          problem: `holds ${holds} and has a fixed throughput: when it is used up, every worker stands still together`,
          fix: "set BillingMode: 'PAY_PER_REQUEST', or scale it",
        },
      ];
    }),
};
