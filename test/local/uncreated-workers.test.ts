import { App, Stack } from 'aws-cdk-lib';
import { Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { BindingOutputs, ShardedStream, WorkQueueWithDLQ } from '../../lib/cdk/index.js';
import { createLocalAws, deployAssembly, type Deployment } from '../../lib/testing/index.js';
import { FlightLanded } from '../cdk/declarations.js';
import { removeTemporaryFolders, temporaryFolder } from './mini-assembly.js';

/** An app with everything that works on a queue or a stream, none of which runs on a laptop. */
function synthesize(): string {
  const outdir = temporaryFolder();
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'air');
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 }) as IVpc;
  const cluster = new Cluster(stack, 'Cluster', { vpc }) as ICluster;
  const given = { cluster, image: ContainerImage.fromRegistry('example/worker') };
  const reports = new WorkQueueWithDLQ(stack, 'Reports');
  reports.processWithFargate({ ...given, minTasks: 0 });
  const flights = new ShardedStream(stack, 'Flights', { record: FlightLanded });
  const delays = flights.addReader('delays');
  delays.processWithFargate(given);
  flights.archiveTo(Bucket.fromBucketName(stack, 'Bucket', 'flights'));
  const code = Code.fromInline('exports.handler = () => undefined');
  const worker = new LambdaFunction(stack, 'Count', {
    code,
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });
  flights.addLambdaReader('count', worker);
  new BindingOutputs(stack, 'Bindings', { resources: [reports, flights, delays] });
  app.synth();
  return outdir;
}

async function deploy(): Promise<Deployment> {
  await using aws = await createLocalAws();
  return await deployAssembly({ assembly: synthesize(), aws: aws.clientConfig });
}

afterAll(removeTemporaryFolders);

describe('deployAssembly of an app with workers', () => {
  it('creates what they work on, and names the workers as not created, with the bindings to run them by hand', async () => {
    const { resources, notCreated, bindings } = await deploy();
    const types = new Set(resources.map(({ type }) => type));
    expect([...types].sort()).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::Kinesis::Stream',
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
    ]);
    expect([...new Set(notCreated.map(({ type }) => type))]).toEqual(
      expect.arrayContaining([
        'AWS::ApplicationAutoScaling::ScalingPolicy',
        'AWS::CloudWatch::Alarm',
        'AWS::ECS::Service',
        'AWS::ECS::TaskDefinition',
        'AWS::KinesisFirehose::DeliveryStream',
        'AWS::Lambda::EventSourceMapping',
      ]),
    );
    expect(Object.keys(bindings).sort()).toEqual([
      'MILLRACE_QUEUE_REPORTS',
      'MILLRACE_READER_FLIGHTS_DELAYS',
      'MILLRACE_STREAM_FLIGHTS',
    ]);
  });
});
