import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { consumersOf, streamsOf } from '../stream-facts.js';

/** A stream has no more consumers than Kinesis takes. */
export const consumerCount: CheckRule = {
  id: 'consumer-count',
  severity: 'error',
  title: 'A stream has no more consumers than Kinesis takes',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html',
  check: (graph) =>
    streamsOf(graph).flatMap(({ resource, mode }) => {
      const { length } = consumersOf(graph, resource);
      // Whether the account committed itself to On-demand Advantage is not in a template.
      const most = limitOf(
        mode === 'PROVISIONED' ? 'kinesis.consumers.max' : 'kinesis.advantage.consumers.max',
      );
      if (length <= most) return [];
      return [
        {
          resource,
          location: 'Properties',
          problem: `has ${length} enhanced fan-out consumers, a stream ${mode === 'PROVISIONED' ? 'with provisioned shards' : 'on demand'} takes ${most}`,
          fix: 'let some readers share throughput (enhancedFanOut: false), or raise the quota with On-demand Advantage',
        },
      ];
    }),
};
