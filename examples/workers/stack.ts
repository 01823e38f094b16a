import { Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import type { ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ShardedStream, StreamCapacity, WorkQueueWithDLQ } from 'millrace/cdk';
import { FlightLanded } from '../flights/records.js';

/** What the stack finds in the account: it makes no network and no storage of its own. */
export interface WorkersStackProps extends StackProps {
  readonly cluster: ICluster;
  readonly image: ContainerImage;
  readonly counter: IFunction;
  readonly bucket: IBucket;
  readonly alarmTopic: ITopic;
}

/** A queue and a stream with everything that works on them in AWS: tasks, a function, an archive. */
export class WorkersStack extends Stack {
  constructor(scope: Construct, id: string, props: WorkersStackProps) {
    super(scope, id, props);
    const { cluster, image, counter, bucket, alarmTopic } = props;

    const reports = new WorkQueueWithDLQ(this, 'Reports', {
      handlerTimeout: Duration.seconds(60),
      alarmTopic,
    });
    // #region queue
    reports.processWithFargate({
      cluster,
      image, // or entry: 'src/report-worker.ts'
      minTasks: 0,
      maxTasks: 20,
      meanHandlerTime: Duration.seconds(4),
      acceptableLatency: Duration.minutes(2),
      drainTimeout: Duration.seconds(65), // with drainTimeoutSeconds: 62 in the worker
    });
    // #endregion queue

    const flights = new ShardedStream(this, 'Flights', {
      record: FlightLanded,
      alarmTopic,
      toleratedOutage: Duration.hours(84),
      capacity: StreamCapacity.forWorkload({
        recordsPerSecond: 1_000,
        peakRecordsPerSecond: 4_000,
        recordSize: Size.bytes(400),
        readers: 2,
      }),
    });
    // #region readers
    flights.addReader('delays').processWithFargate({ cluster, image, acceptableLag: Duration.seconds(30) });
    flights.addLambdaReader('counts', counter, { parallelizationFactor: 2 });
    flights.archiveTo(bucket, { prefix: 'raw/flights' });
    // #endregion readers
  }
}
