import { CfnParameter, Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { AccountPrincipal, ArnPrincipal, PolicyStatement, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnStream, CfnStreamConsumer, Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { KinesisEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ShardedStream } from '../../../lib/cdk/index.js';
import { createFargateStage } from '../fargate-stage.js';
import { FlightLanded } from '../declarations.js';
import { alarmOn, createWorker, type CasesOfRule } from './cases-of-rule.js';

/** A mapping by hand, of a function elsewhere. */
function mapStream(
  stack: Stack,
  props: Partial<ConstructorParameters<typeof CfnEventSourceMapping>[2]> = {},
  stream: Stream | CfnStream = new Stream(stack, 'Stream'),
): CfnEventSourceMapping {
  return new CfnEventSourceMapping(stack, 'Mapping', {
    functionName: 'elsewhere',
    eventSourceArn: stream instanceof Stream ? stream.streamArn : stream.attrArn,
    ...props,
  });
}

function shareStream(
  stack: Stack,
  encryption: StreamEncryption | undefined,
  principal: IPrincipal = READER,
): Stream {
  const stream = new Stream(stack, 'Stream', {
    ...(encryption && { encryption }),
    ...(encryption === StreamEncryption.KMS && { encryptionKey: new Key(stack, 'Key') }),
  });
  stream.addToResourcePolicy(
    new PolicyStatement({
      actions: ['kinesis:GetRecords'],
      resources: [stream.streamArn],
      principals: [principal],
    }),
  );
  return stream;
}

const READER = new AccountPrincipal('222222222222');

function shareAmong(stack: Stack, functions: number): Stream {
  const stream = new Stream(stack, 'Stream');
  for (let index = 0; index < functions; index += 1) {
    createWorker(stack, {}, `Worker${index}`).addEventSource(
      new KinesisEventSource(stream, { startingPosition: StartingPosition.TRIM_HORIZON }),
    );
  }
  return stream;
}

const AN_HOUR = Duration.hours(1).toMilliseconds();

export const STREAM_CASES: readonly CasesOfRule[] = [
  {
    rule: 'stream-mode',
    broken: [
      {
        when: 'a stream on demand has shards',
        build: (stack) =>
          new CfnStream(stack, 'Stream', { shardCount: 2, streamModeDetails: { streamMode: 'ON_DEMAND' } }),
        says: 'has ShardCount and capacity mode ON_DEMAND: the deployment fails',
      },
      {
        when: 'provisioned shards are to be warm',
        build: (stack) => new CfnStream(stack, 'Stream', { shardCount: 2, warmThroughputMiBps: 100 }),
        says: 'has WarmThroughputMiBps and capacity mode PROVISIONED',
      },
      {
        when: 'records are distributed over provisioned shards by Kinesis',
        build: (stack) =>
          new CfnStream(stack, 'Stream', { shardCount: 2, recordDistributionStrategy: 'AUTO' }),
        says: 'has RecordDistributionStrategy and capacity mode PROVISIONED',
      },
    ],
    fine: [
      {
        when: 'the mode is a parameter',
        build: (stack) => {
          const { valueAsString: streamMode } = new CfnParameter(stack, 'Mode');
          new CfnStream(stack, 'Stream', { shardCount: 2, streamModeDetails: { streamMode } });
        },
      },
      {
        when: 'a stream on demand is warm',
        build: (stack) =>
          new CfnStream(stack, 'Stream', {
            warmThroughputMiBps: 100,
            streamModeDetails: { streamMode: 'ON_DEMAND' },
          }),
      },
    ],
  },
  {
    rule: 'stream-sharing',
    broken: [
      {
        when: 'the key is the one AWS manages',
        build: (stack) => shareStream(stack, StreamEncryption.MANAGED),
        says: 'lets 222222222222 in by its policy, and is encrypted with alias/aws/kinesis',
      },
      {
        when: 'nothing was said of encryption, and a role elsewhere is let in',
        build: (stack) =>
          shareStream(stack, undefined, new ArnPrincipal('arn:aws:iam::333333333333:role/reader')),
        says: 'lets 333333333333 in by its policy',
      },
    ],
    fine: [
      {
        when: 'the key is one of the app’s',
        build: (stack) => shareStream(stack, StreamEncryption.KMS),
      },
      {
        when: 'the account is the stream’s own',
        build: (stack) => {
          const own = new Stack(Stage.of(stack), 'Own', {
            env: { account: '222222222222', region: 'eu-west-1' },
          });
          shareStream(own, StreamEncryption.MANAGED);
        },
      },
      {
        when: 'the account is known at deployment only',
        build: (stack) =>
          shareStream(
            stack,
            StreamEncryption.MANAGED,
            new AccountPrincipal(new CfnParameter(stack, 'A').valueAsString),
          ),
      },
    ],
  },
  {
    rule: 'stream-readers',
    broken: [
      {
        when: 'six functions share a stream',
        build: (stack) => shareAmong(stack, 6),
        says: 'is shared by 6 readers',
      },
      {
        when: 'functions, a service and an archive share a stream',
        build: (stack) => {
          const { given } = createFargateStage(stack);
          const flights = new ShardedStream(stack, 'Stream', { record: FlightLanded });
          for (const id of ['one', 'two', 'three', 'four']) {
            flights.addLambdaReader(id, createWorker(stack, {}, id));
          }
          flights.addReader('delays').processWithFargate(given);
          flights.archiveTo(Bucket.fromBucketName(stack, 'Bucket', 'flights'));
        },
        says: 'is shared by 6 readers',
      },
    ],
    fine: [{ when: 'five functions share a stream', build: (stack) => shareAmong(stack, 5) }],
  },
  {
    rule: 'stream-record-size',
    broken: [
      {
        when: 'records are larger than an invocation',
        build: (stack) =>
          mapStream(stack, {}, new CfnStream(stack, 'Stream', { maxRecordSizeInKiB: 10_240 })),
        says: 'which takes records of 10485760 bytes; an invocation holds 6291456 bytes, base64 included, so records over 4718592 bytes never reach the function',
      },
    ],
    fine: [
      {
        when: 'every record fits',
        build: (stack) => mapStream(stack, {}, new CfnStream(stack, 'Stream', { maxRecordSizeInKiB: 4_608 })),
      },
      {
        when: 'the stream is of another app',
        build: (stack) =>
          mapStream(stack, { eventSourceArn: 'arn:aws:kinesis:eu-west-1:111111111111:stream/elsewhere' }),
      },
    ],
  },
  {
    rule: 'stream-removal',
    broken: [
      {
        when: 'an L1 stream says nothing',
        build: (stack) => new CfnStream(stack, 'Stream', { shardCount: 1 }),
        says: 'has no DeletionPolicy and no UpdateReplacePolicy: its records are deleted when it leaves the stack',
      },
      {
        when: 'it says half',
        build: (stack) => {
          const stream = new CfnStream(stack, 'Stream', { shardCount: 1 });
          stream.applyRemovalPolicy(RemovalPolicy.RETAIN, { applyToUpdateReplacePolicy: false });
        },
        says: 'has no UpdateReplacePolicy: its records are deleted when it is replaced',
      },
    ],
    fine: [
      {
        when: 'it says that records go',
        build: (stack) => new Stream(stack, 'Stream', { removalPolicy: RemovalPolicy.DESTROY }),
      },
    ],
  },
  {
    rule: 'stream-retries',
    broken: [
      {
        when: 'a batch is given up whole',
        build: (stack) =>
          mapStream(stack, {
            maximumRetryAttempts: 3,
            destinationConfig: { onFailure: { destination: new Queue(stack, 'Failed').queueArn } },
          }),
        says: 'gives up whole batches: one bad record takes up to a batch of good ones with it',
      },
      {
        when: 'a function reads by a consumer of its own',
        build: (stack) => {
          const { streamArn } = new Stream(stack, 'Stream');
          const { attrConsumerArn } = new CfnStreamConsumer(stack, 'Consumer', {
            consumerName: 'c',
            streamArn,
          });
          new CfnEventSourceMapping(stack, 'Mapping', {
            functionName: 'elsewhere',
            eventSourceArn: attrConsumerArn,
          });
        },
        says: 'retries a failing batch until its records expire',
      },
    ],
    fine: [
      {
        when: 'failing records are told apart',
        build: (stack) => {
          createWorker(stack).addEventSource(
            new KinesisEventSource(new Stream(stack, 'Stream'), {
              startingPosition: StartingPosition.TRIM_HORIZON,
              retryAttempts: 3,
              reportBatchItemFailures: true,
              onFailure: new SqsDlq(new Queue(stack, 'Failed')),
            }),
          );
        },
      },
      {
        when: 'the retries are a parameter',
        build: (stack) =>
          mapStream(stack, {
            maximumRetryAttempts: new CfnParameter(stack, 'Retries', { type: 'Number' }).valueAsNumber,
            bisectBatchOnFunctionError: true,
            destinationConfig: { onFailure: { destination: new Queue(stack, 'Failed').queueArn } },
          }),
      },
    ],
  },
  {
    rule: 'stream-record-age',
    broken: [
      {
        when: 'the stream deletes first',
        build: (stack) => mapStream(stack, { maximumRecordAgeInSeconds: 86_400 }),
        says: 'gives records up when they are 86400 s old, and Stream deletes them at 86400 s',
      },
    ],
    fine: [
      {
        when: 'records are given up in time',
        build: (stack) => mapStream(stack, { maximumRecordAgeInSeconds: 43_200 }),
      },
      {
        when: 'the retention is a parameter',
        build: (stack) => {
          const retentionPeriodHours = new CfnParameter(stack, 'Hours', { type: 'Number' }).valueAsNumber;
          const stream = new CfnStream(stack, 'Stream', { retentionPeriodHours });
          mapStream(stack, { maximumRecordAgeInSeconds: 604_800 }, stream);
        },
      },
    ],
  },
  {
    rule: 'stream-start',
    broken: [
      {
        when: 'a mapping starts at the end',
        build: (stack) => mapStream(stack, { startingPosition: 'LATEST' }),
        says: 'starts at LATEST',
      },
    ],
    fine: [
      {
        when: 'it starts with what there is',
        build: (stack) => mapStream(stack, { startingPosition: 'TRIM_HORIZON' }),
      },
    ],
  },
  {
    rule: 'consumer-count',
    broken: [
      {
        when: 'there are 21',
        build: (stack) => addConsumers(stack, new Stream(stack, 'Stream'), 21),
        says: 'has 21 enhanced fan-out consumers, a stream with provisioned shards takes 20',
      },
      {
        when: 'there are 51 on demand',
        build: (stack) =>
          addConsumers(stack, new Stream(stack, 'Stream', { streamMode: StreamMode.ON_DEMAND }), 51),
        says: 'has 51 enhanced fan-out consumers, a stream on demand takes 50',
      },
    ],
    fine: [
      {
        when: 'the 21st is on demand, where an account may have 50',
        build: (stack) =>
          addConsumers(stack, new Stream(stack, 'Stream', { streamMode: StreamMode.ON_DEMAND }), 21),
      },
    ],
  },
  {
    rule: 'throttle-alarm',
    broken: [
      {
        when: 'it looks at the average, as aws-cdk-lib’s metric does',
        build: (stack) =>
          alarmOn(stack, new Stream(stack, 'Stream').metricWriteProvisionedThroughputExceeded(), 1),
        says: 'rings at 1 of the Average of WriteProvisionedThroughputExceeded',
      },
    ],
    fine: [
      {
        when: 'it counts',
        build: (stack) =>
          alarmOn(
            stack,
            new Stream(stack, 'Stream').metricWriteProvisionedThroughputExceeded({ statistic: 'Sum' }),
          ),
      },
      {
        when: 'an average of the lag is meant',
        build: (stack) =>
          alarmOn(stack, new Stream(stack, 'Stream').metricGetRecordsIteratorAgeMilliseconds(), AN_HOUR),
      },
    ],
  },
];

function addConsumers(stack: Stack, { streamArn }: Stream, count: number): void {
  for (let index = 0; index < count; index += 1) {
    new CfnStreamConsumer(stack, `Consumer${index}`, { consumerName: `c${index}`, streamArn });
  }
}
