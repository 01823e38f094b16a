import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { ALARM_PERIOD } from '../alarms.js';
import type { GraphOfMetrics } from '../monitoring/watched-construct.js';

/** What a dashboard shows of a stream. */
export function streamGraphs(
  stream: IStream,
  { lag }: { readonly lag?: Alarm | undefined },
): readonly GraphOfMetrics[] {
  return [
    {
      title: 'Records and bytes put (a minute)',
      metrics: [stream.metricIncomingRecords({ ...TOTAL, label: 'records' })],
      right: [stream.metricIncomingBytes({ ...TOTAL, label: 'bytes' })],
    },
    {
      title: 'Lag of the slowest shared reader (ms)',
      metrics: [
        stream.metricGetRecordsIteratorAgeMilliseconds({
          statistic: 'Maximum',
          period: ALARM_PERIOD,
          label: 'lag',
        }),
      ],
      threshold: lag,
    },
    {
      title: 'Throttled (a minute)',
      metrics: [
        stream.metricWriteProvisionedThroughputExceeded({ ...TOTAL, label: 'puts' }),
        stream.metricReadProvisionedThroughputExceeded({ ...TOTAL, label: 'reads' }),
      ],
    },
  ];
}

const TOTAL = { statistic: 'Sum', period: ALARM_PERIOD };
