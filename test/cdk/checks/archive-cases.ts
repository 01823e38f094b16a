import type { Stack } from 'aws-cdk-lib';
import { Size } from 'aws-cdk-lib';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import {
  CfnDeliveryStream,
  DeliveryStream,
  KinesisStreamSource,
  LambdaFunctionProcessor,
  S3Bucket,
  type S3BucketProps,
} from 'aws-cdk-lib/aws-kinesisfirehose';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { createWorker, type CasesOfRule } from './cases-of-rule.js';

/** A Firehose stream as aws-cdk-lib makes it. */
function archive(stack: Stack, props: S3BucketProps = {}): CfnDeliveryStream {
  const deliveryStream = new DeliveryStream(stack, 'Archive', {
    source: new KinesisStreamSource(new Stream(stack, 'Stream')),
    destination: new S3Bucket(new Bucket(stack, 'Bucket') as IBucket, props),
  });
  return deliveryStream.node.defaultChild as CfnDeliveryStream;
}

/** A Firehose stream that takes puts, subscribed to a topic. */
function archiveTopic(stack: Stack): CfnDeliveryStream {
  const deliveryStream = new DeliveryStream(stack, 'Archive', {
    destination: new S3Bucket(new Bucket(stack, 'Bucket') as IBucket),
  });
  new CfnSubscription(stack, 'Subscription', {
    protocol: 'firehose',
    endpoint: deliveryStream.deliveryStreamArn,
    topicArn: new Topic(stack, 'Topic').topicArn,
  });
  return deliveryStream.node.defaultChild as CfnDeliveryStream;
}

const override = (stack: Stack, path: string, value: unknown): void =>
  archive(stack).addPropertyOverride(`ExtendedS3DestinationConfiguration.${path}`, value);

/** Firehose that no stream and no topic feeds: none of our business. */
const archiveOfOthers = (stack: Stack): unknown =>
  new CfnDeliveryStream(stack, 'Archive', {
    extendedS3DestinationConfiguration: {
      bucketArn: 'arn:aws:s3:::elsewhere',
      roleArn: 'arn:aws:iam::111111111111:role/firehose',
      bufferingHints: { sizeInMBs: 1 },
      dynamicPartitioningConfiguration: { enabled: true },
      processingConfiguration: { enabled: true, processors: [{ type: 'Lambda' }] },
    },
  });

export const ARCHIVE_CASES: readonly CasesOfRule[] = [
  {
    rule: 'archive-errors',
    broken: [
      {
        when: 'there is no prefix for them',
        build: (stack) => archive(stack),
        says: 'has no ErrorOutputPrefix',
      },
      {
        when: 'they lie within the data',
        build: (stack) =>
          archive(stack, {
            dataOutputPrefix: 'flights/!{timestamp:yyyy}/',
            errorOutputPrefix: 'flights/errors/!{firehose:error-output-type}/',
          }),
        says: 'puts failed records under flights/errors/, within flights/ of the good ones',
      },
    ],
    fine: [
      { when: 'nothing of messaging feeds it', build: archiveOfOthers },
      {
        when: 'they lie beside the data',
        build: (stack) =>
          archive(stack, { dataOutputPrefix: 'flights/', errorOutputPrefix: 'flights-failed/' }),
      },
      {
        when: 'the prefixes are known at deployment only',
        build: (stack) => override(stack, 'Prefix', { Ref: 'AWS::StackName' }),
      },
    ],
  },
  {
    rule: 'archive-logging',
    broken: [
      {
        when: 'logging is off',
        build: (stack) => override(stack, 'CloudWatchLoggingOptions.Enabled', false),
        says: 'logs no failed deliveries',
      },
    ],
    fine: [
      { when: 'nothing of messaging feeds it', build: archiveOfOthers },
      { when: 'aws-cdk-lib turned it on', build: (stack) => archive(stack) },
    ],
  },
  {
    rule: 'archive-buffer',
    broken: [
      {
        when: 'it partitions by what is in the records',
        build: (stack) => {
          const resource = archive(stack, { bufferingSize: Size.mebibytes(5) });
          resource.addPropertyOverride(
            'ExtendedS3DestinationConfiguration.DynamicPartitioningConfiguration',
            {
              Enabled: true,
            },
          );
        },
        says: 'partitions by what is in the records and buffers 5 MB, Firehose wants 64 MB for it',
      },
    ],
    fine: [
      { when: 'nothing of messaging feeds it', build: archiveOfOthers },
      {
        when: 'the buffer is large enough',
        build: (stack) => {
          const resource = archive(stack, { bufferingSize: Size.mebibytes(64) });
          resource.addPropertyOverride(
            'ExtendedS3DestinationConfiguration.DynamicPartitioningConfiguration',
            {
              Enabled: true,
            },
          );
        },
      },
      {
        when: 'the conversion is turned off',
        build: (stack) => {
          const resource = archive(stack, { bufferingSize: Size.mebibytes(5) });
          resource.addPropertyOverride(
            'ExtendedS3DestinationConfiguration.DataFormatConversionConfiguration',
            {
              Enabled: false,
            },
          );
        },
      },
    ],
  },
  {
    rule: 'archive-transform',
    broken: [
      {
        when: 'a function transforms and nothing is backed up',
        build: (stack) => archive(stack, { processors: [new LambdaFunctionProcessor(createWorker(stack))] }),
        says: 'lets a function change or drop records and keeps no copy',
      },
    ],
    fine: [
      { when: 'nothing of messaging feeds it', build: archiveOfOthers },
      {
        when: 'the originals are backed up',
        build: (stack) => {
          const resource = archive(stack, { processors: [new LambdaFunctionProcessor(createWorker(stack))] });
          resource.addPropertyOverride('ExtendedS3DestinationConfiguration.S3BackupMode', 'Enabled');
        },
      },
    ],
  },
  {
    rule: 'archive-encryption',
    broken: [
      {
        when: 'a topic feeds it',
        build: archiveTopic,
        says: 'buffers what a topic publishes unencrypted',
      },
    ],
    fine: [
      { when: 'nothing of messaging feeds it', build: archiveOfOthers },
      {
        when: 'the topic’s archive is encrypted',
        build: (stack) => {
          archiveTopic(stack).deliveryStreamEncryptionConfigurationInput = { keyType: 'AWS_OWNED_CMK' };
        },
      },
      { when: 'a stream feeds it', build: (stack) => archive(stack) },
    ],
  },
  {
    rule: 'archive-freshness',
    broken: [
      {
        when: 'aws-cdk-lib made it',
        build: (stack) => archive(stack),
        says: 'copies a stream into a bucket, and nobody hears when it stops',
      },
    ],
    fine: [],
  },
];
