import { alarmsOn, watches } from '../alarm-facts.js';
import type { CheckRule } from '../check-rule.js';

/** Somebody hears of an archive that falls behind its stream. */
export const archiveFreshness: CheckRule = {
  id: 'archive-freshness',
  severity: 'warning',
  title: 'Somebody hears of an archive that falls behind its stream',
  doc: 'https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html',
  check: (graph) =>
    graph.ofType('AWS::KinesisFirehose::DeliveryStream').flatMap((resource) => {
      const { KinesisStreamSourceConfiguration, ExtendedS3DestinationConfiguration } = resource.properties;
      const isArchive =
        KinesisStreamSourceConfiguration !== undefined && ExtendedS3DestinationConfiguration !== undefined;
      const isWatched = alarmsOn(graph, resource).some((alarm) =>
        watches(alarm, ['DeliveryToS3.DataFreshness']),
      );
      if (!isArchive || isWatched) return [];
      return [
        {
          resource,
          location: 'Properties',
          problem:
            'copies a stream into a bucket, and nobody hears when it stops: records expire without a copy',
          fix: 'alarm on the Maximum of DeliveryToS3.DataFreshness with the dimension DeliveryStreamName, below the retention of the stream',
        },
      ];
    }),
};
