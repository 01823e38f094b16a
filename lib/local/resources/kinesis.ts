import type {
  EncryptionType,
  Kinesis,
  MetricsName,
  RecordDistributionStrategy,
  StreamMode,
} from '@aws-sdk/client-kinesis';
import { MillraceError } from '../../core/errors.js';
import { errorName } from '../aws-error.js';
import { given, type CreateRequest, type ResourceKind } from './resource-kind.js';

/** Retention of a stream for which nothing else was said, in hours. */
const DEFAULT_RETENTION_HOURS = 24;

/** Creates an `AWS::Kinesis::Stream`, and waits until it is active with everything the template asks for. */
export const createStream: ResourceKind = async (request) => {
  const { properties } = request;
  const kinesis = await request.clients.kinesis();
  const StreamName = properties.text('Name') ?? request.generateName(128);
  const mode = properties.object('StreamModeDetails')?.text('StreamMode') as StreamMode | undefined;
  await kinesis.createStream({
    StreamName,
    ...given({
      // CloudFormation makes a provisioned stream of one shard where nothing is said.
      ShardCount: mode === 'ON_DEMAND' ? undefined : (properties.count('ShardCount') ?? 1),
      StreamModeDetails: mode === undefined ? undefined : { StreamMode: mode },
      MaxRecordSizeInKiB: properties.count('MaxRecordSizeInKiB'),
      RecordDistributionStrategy: properties.text('RecordDistributionStrategy') as
        RecordDistributionStrategy | undefined,
      WarmThroughputMiBps: properties.count('WarmThroughputMiBps'),
      Tags: properties.tags(),
    }),
  });
  request.owns(StreamName, async () => {
    await kinesis.deleteStream({ StreamName, EnforceConsumerDeletion: true });
    await request.until(`stream ${StreamName} is deleted`, () => isGone(kinesis, StreamName));
  });
  await configureStream(kinesis, StreamName, request);
  const { StreamDescriptionSummary: summary } = await kinesis.describeStreamSummary({ StreamName });
  const arn = summary?.StreamARN ?? request.arnOf('kinesis', `stream/${StreamName}`);
  return { physicalId: StreamName, arn, attributes: { Arn: arn } };
};

async function isGone(kinesis: Kinesis, StreamName: string): Promise<boolean> {
  try {
    await kinesis.describeStreamSummary({ StreamName });
    return false;
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return true;
    throw error;
  }
}

/** CreateStream knows neither retention nor encryption; each change has to find the stream active. */
async function configureStream(kinesis: Kinesis, StreamName: string, request: CreateRequest): Promise<void> {
  const { properties } = request;
  const untilActive = (): Promise<void> =>
    request.until(`stream ${StreamName} is active`, async () => {
      const { StreamDescriptionSummary: summary } = await kinesis.describeStreamSummary({ StreamName });
      return summary?.StreamStatus === 'ACTIVE';
    });

  await untilActive();
  const RetentionPeriodHours = properties.count('RetentionPeriodHours') ?? DEFAULT_RETENTION_HOURS;
  if (RetentionPeriodHours > DEFAULT_RETENTION_HOURS) {
    await kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours });
    await untilActive();
  }
  const encryption = properties.object('StreamEncryption');
  if (encryption !== undefined) {
    const EncryptionType = encryption.requiredText('EncryptionType') as EncryptionType;
    const KeyId = encryption.requiredText('KeyId');
    await request.extra('StreamEncryption', () =>
      kinesis.startStreamEncryption({ StreamName, EncryptionType, KeyId }),
    );
    await untilActive();
  }
  const metrics = properties.texts('DesiredShardLevelMetrics') as readonly MetricsName[];
  if (metrics.length > 0) {
    await request.extra('DesiredShardLevelMetrics', () =>
      kinesis.enableEnhancedMonitoring({ StreamName, ShardLevelMetrics: [...metrics] }),
    );
    await untilActive();
  }
}

/** Creates an `AWS::Kinesis::StreamConsumer`: a reader with its own 2 MiB/s per shard. */
export const createStreamConsumer: ResourceKind = async (request) => {
  const { properties } = request;
  const kinesis = await request.clients.kinesis();
  const ConsumerName = properties.requiredText('ConsumerName');
  const StreamARN = properties.requiredText('StreamARN');
  const { Consumer } = await kinesis.registerStreamConsumer({
    ConsumerName,
    StreamARN,
    ...given({ Tags: properties.tags() }),
  });
  const ConsumerARN = Consumer?.ConsumerARN;
  if (ConsumerARN === undefined) {
    throw new MillraceError(
      'DEPLOY_FAILED',
      `RegisterStreamConsumer answered without an ARN for '${ConsumerName}'`,
    );
  }
  request.owns(ConsumerARN, () => kinesis.deregisterStreamConsumer({ ConsumerARN }));
  await request.until(`consumer ${ConsumerName} is active`, async () => {
    const { ConsumerDescription } = await kinesis.describeStreamConsumer({ ConsumerARN });
    return ConsumerDescription?.ConsumerStatus === 'ACTIVE';
  });
  return {
    physicalId: ConsumerARN,
    arn: ConsumerARN,
    attributes: {
      ConsumerARN,
      ConsumerName,
      StreamARN,
      ConsumerStatus: 'ACTIVE',
      ConsumerCreationTimestamp: String((Consumer?.ConsumerCreationTimestamp?.getTime() ?? 0) / 1_000),
    },
  };
};

/** Creates an `AWS::Kinesis::ResourcePolicy`: who else may read or write a stream or a consumer. */
export const createResourcePolicy: ResourceKind = async (request) => {
  const ResourceARN = request.properties.requiredText('ResourceArn');
  const Policy = request.properties.document('ResourcePolicy') ?? '';
  const kinesis = await request.clients.kinesis();
  await request.extra('ResourcePolicy', () => kinesis.putResourcePolicy({ ResourceARN, Policy }));
  request.owns(ResourceARN, () =>
    request.extra('ResourcePolicy', () => kinesis.deleteResourcePolicy({ ResourceARN })),
  );
  return { physicalId: ResourceARN, attributes: { ResourceArn: ResourceARN } };
};
