import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';

/** A stream has no more consumers than Kinesis takes. */
export const consumerCount: CheckRule = {
  id: 'consumer-count',
  severity: 'error',
  title: 'A stream has no more consumers than Kinesis takes',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html',
  check: (graph) =>
    graph.ofType('AWS::Kinesis::Stream').flatMap((resource) => {
      const consumers = graph
        .ofType('AWS::Kinesis::StreamConsumer')
        .filter(({ properties, stack }) => graph.follow(properties['StreamARN'], stack) === resource);
      const most = limitOf('kinesis.consumers.max');
      if (consumers.length <= most) return [];
      return [
        {
          resource,
          location: 'Properties',
          problem: `has ${consumers.length} enhanced fan-out consumers, a stream takes ${most}`,
          fix: 'let some readers share throughput (enhancedFanOut: false), or raise the quota with On-demand Advantage',
        },
      ];
    }),
};
