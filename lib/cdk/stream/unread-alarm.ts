import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { StreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import type { Construct, IDependable } from 'constructs';
import { alarmPropsOf, createAlarm, SAMPLED_PERIOD, type AlarmProps } from '../alarms.js';
import { hoursInWords } from '../bounds.js';
import type { IBoundStream } from './bound-stream.js';
import { consumerMetric } from './consumer-metric.js';

/** A reader that is to be seen reading. */
export interface SeenReader {
  readonly source: IBoundStream;
  /** With enhanced fan-out. */
  readonly consumer: StreamConsumer | undefined;
  /** What reads. Before it is there, silence is no trouble. */
  readonly after: readonly IDependable[];
}

/**
 * Makes the alarm that rings when nobody reads. Readers that are down say nothing of their lag, so that the lag alarm is as quiet
 * as if they kept up.
 */
export function createUnreadAlarm(
  reader: Construct,
  { source, consumer, after }: SeenReader,
  props: AlarmProps,
): Alarm | undefined {
  const { stream, binding } = source;
  const alarm = createAlarm(reader, 'UnreadAlarm', {
    ...alarmPropsOf(props),
    name: 'unread',
    metric: consumer
      ? consumerMetric(stream, consumer, { ...READS, metricName: 'SubscribeToShardEvent.Success' })
      : stream.metricGetRecordsSuccess(READS),
    threshold: 1,
    periods: 3,
    isForSilence: true,
    description: `Nobody has read the stream of ${reader.node.path} for a quarter of an hour; what is not read expires after ${hoursInWords(binding.retentionHours)}.`,
  });
  alarm?.node.addDependency(...after);
  return alarm;
}

/** Reads of nothing count, refused ones don't. */
const READS = { statistic: 'Sum', period: SAMPLED_PERIOD };
