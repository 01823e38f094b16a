import type { CheckRule } from '../check-rule.js';
import { mappingsOf, queueFacts } from '../messaging-facts.js';
import { numberOf } from '../template-graph.js';

/** A batch is as large as its queue gives. */
export const mappingBatch: CheckRule = {
  id: 'mapping-batch',
  severity: 'error',
  title: 'A batch is as large as its queue gives',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html',
  check: (graph) =>
    mappingsOf(graph, 'AWS::SQS::Queue').flatMap(({ resource, source }) => {
      const batch = numberOf(resource.properties['BatchSize'], LARGEST_AT_ONCE);
      const seconds = numberOf(resource.properties['MaximumBatchingWindowInSeconds'], 0);
      const isFifo = queueFacts(graph, source).isFifo === true;
      const finding = (name: string, problem: string, fix: string) => [
        { resource, location: `Properties/${name}`, problem: `${problem}: the deployment fails`, fix },
      ];
      if (isFifo && seconds !== undefined && seconds > 0) {
        const problem = `waits ${seconds} s to fill a batch of FIFO queue ${source.logicalId}, which has no batching window`;
        return finding('MaximumBatchingWindowInSeconds', problem, 'leave it out');
      }
      if (batch === undefined || batch <= LARGEST_AT_ONCE) return [];
      if (isFifo) {
        const problem = `wants batches of ${batch} from FIFO queue ${source.logicalId}, which gives ${LARGEST_AT_ONCE}`;
        return finding('BatchSize', problem, `set BatchSize: ${LARGEST_AT_ONCE}`);
      }
      if (seconds === undefined || seconds >= 1) return [];
      const problem = `wants batches of ${batch} at once, and one receive brings ${LARGEST_AT_ONCE}`;
      return finding('BatchSize', problem, 'set MaximumBatchingWindowInSeconds: 1 or more beside it');
    }),
};

/** What one receive brings. */
const LARGEST_AT_ONCE = 10;
