import { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStream, StreamConsumer } from 'aws-cdk-lib/aws-kinesis';

/** A metric that a consumer with enhanced fan-out has to itself. */
export const consumerMetric = (
  stream: IStream,
  { streamConsumerName }: Pick<StreamConsumer, 'streamConsumerName'>,
  props: MetricOptions & { readonly metricName: `SubscribeToShardEvent.${string}` },
): Metric =>
  new cloudwatch.Metric({
    namespace: 'AWS/Kinesis',
    dimensionsMap: { StreamName: stream.streamName, ConsumerName: streamConsumerName },
    ...props,
  });
