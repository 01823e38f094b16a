import type { CheckRule } from '../check-rule.js';
import { workerTablesOf } from '../table-facts.js';
import { objectOf, switchOf } from '../template-graph.js';

/** Idempotency records expire. */
export const idempotencyExpiry: CheckRule = {
  id: 'idempotency-expiry',
  severity: 'warning',
  title: 'Idempotency records expire',
  doc: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html',
  check: (graph) =>
    workerTablesOf(graph)
      .filter(
        ({ resource: { properties }, holds }) =>
          holds === 'idempotency records' &&
          switchOf(objectOf(properties['TimeToLiveSpecification'])['Enabled']) === false,
      )
      .map(({ resource }) => ({
        resource,
        location: 'Properties/TimeToLiveSpecification',
        problem:
          'holds idempotency records that nothing deletes: a record per message, for ever, at your cost',
        fix: 'set TimeToLiveSpecification { AttributeName, Enabled: true } with the attribute of the binding',
      })),
};
