import { alarmsOn, watches } from '../alarm-facts.js';
import type { CheckRule } from '../check-rule.js';
import { mappingsOf } from '../messaging-facts.js';

/** Somebody hears of a consumer with enhanced fan-out that falls behind. */
export const consumerLagAlarm: CheckRule = {
  id: 'consumer-lag-alarm',
  severity: 'warning',
  title: 'Somebody hears of a consumer with enhanced fan-out that falls behind',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html',
  check: (graph) => {
    const mappings = mappingsOf(graph, CONSUMER);
    return graph.ofType(CONSUMER).flatMap((resource) => {
      const workers = mappings
        .filter(({ source }) => source === resource)
        .flatMap(({ worker }) => (worker === undefined ? [] : [worker]));
      const isWatched =
        alarmsOn(graph, resource).some((alarm) =>
          watches(alarm, ['SubscribeToShardEvent.MillisBehindLatest']),
        ) ||
        workers.some((worker) => alarmsOn(graph, worker).some((alarm) => watches(alarm, ['IteratorAge'])));
      if (isWatched) return [];
      return [
        {
          resource,
          location: 'Properties',
          problem:
            'has no alarm on how far it is behind, and the metric of the stream does not see it: records expire unread and unseen',
          fix: 'alarm on the Maximum of SubscribeToShardEvent.MillisBehindLatest with the dimensions StreamName and ConsumerName, or of IteratorAge of its function',
        },
      ];
    });
  },
};

const CONSUMER = 'AWS::Kinesis::StreamConsumer';
