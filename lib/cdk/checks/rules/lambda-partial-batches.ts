import type { CheckRule } from '../check-rule.js';
import { mappingsOf } from '../messaging-facts.js';
import { listOf, numberOf } from '../template-graph.js';

/** A function reports the messages that failed, not the batch. */
export const lambdaPartialBatches: CheckRule = {
  id: 'lambda-partial-batches',
  severity: 'warning',
  title: 'A function reports the messages that failed, not the batch',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting',
  check: (graph) =>
    mappingsOf(graph, 'AWS::SQS::Queue')
      .filter(({ resource: { properties } }) => {
        const isSingle = numberOf(properties['BatchSize'], 10) === 1;
        return !isSingle && !listOf(properties['FunctionResponseTypes']).includes('ReportBatchItemFailures');
      })
      .map(({ resource }) => ({
        resource,
        location: 'Properties/FunctionResponseTypes',
        problem: 'fails whole batches: one bad message brings the good ones back, to be done twice',
        fix: "set FunctionResponseTypes: ['ReportBatchItemFailures'] and return batchItemFailures, or use processWithLambda",
      })),
};
