import type { CheckRule } from '../check-rule.js';
import { queuesOf } from '../messaging-facts.js';

/** High throughput of a FIFO queue is set whole. */
export const fifoThroughput: CheckRule = {
  id: 'fifo-throughput',
  severity: 'error',
  title: 'High throughput of a FIFO queue is set whole',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html',
  check: (graph) =>
    queuesOf(graph)
      .filter(({ resource: { properties } }) => {
        const isPerGroup = properties['FifoThroughputLimit'] === 'perMessageGroupId';
        return isPerGroup && properties['DeduplicationScope'] !== 'messageGroup';
      })
      .map(({ resource }) => ({
        resource,
        location: 'Properties/DeduplicationScope',
        problem: 'limits throughput per message group but deduplicates per queue: SQS refuses the pair',
        fix: "set DeduplicationScope: 'messageGroup' beside FifoThroughputLimit: 'perMessageGroupId'",
      })),
};
