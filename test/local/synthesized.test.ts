import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { Kinesis } from '@aws-sdk/client-kinesis';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as sns from 'aws-cdk-lib/aws-sns';
import { z } from 'zod';
import {
  BindingOutputs,
  FanoutTopic,
  ShardedStream,
  StreamCapacity,
  WorkQueueWithDLQ,
} from '../../lib/cdk/index.js';
import { defineMessage, defineRecord, readBinding } from '../../lib/contract/index.js';
import { createLocalAws, deployAssembly, readTopology, type Deployment } from '../../lib/testing/index.js';
import { temporaryFolder, removeTemporaryFolders } from './mini-assembly.js';

const Push = defineMessage('github.push', {
  schema: z.object({ delivery: z.string(), branch: z.string() }),
  id: (push) => push.delivery,
  attributes: (push) => ({ branch: push.branch }),
});
const Flight = defineRecord('flight.landed', {
  schema: z.object({ origin: z.string() }),
  key: (f) => f.origin,
});

/** Two stacks as an app would have them, with a value that goes weakly from one to the other. */
function synthesize(): string {
  const outdir = temporaryFolder();
  const app = new App({ outdir, context: { '@aws-cdk/core:defaultCrossStackReferences': 'weak' } });
  const hooks = new Stack(app, 'hooks');
  const events = new FanoutTopic(hooks, 'Events', { messages: [Push] });
  const builds = new WorkQueueWithDLQ(hooks, 'Builds', {
    handlerTimeout: Duration.minutes(2),
    idempotency: true,
  });
  events.fanOutTo(builds, { messages: [Push], where: { branch: ['main'] } });
  const alerts = new sns.Topic(hooks, 'Alerts', { fifo: true });
  new BindingOutputs(hooks, 'Bindings', { resources: [events, builds] });

  const air = new Stack(app, 'air');
  const flights = new ShardedStream(air, 'Flights', {
    record: Flight,
    capacity: StreamCapacity.provisioned(2),
  });
  const delays = flights.addReader('delays');
  const plain = new kinesis.Stream(air, 'Plain', { shardCount: 1, removalPolicy: RemovalPolicy.DESTROY });
  new kinesis.StreamConsumer(air, 'Fast', { stream: plain, streamConsumerName: 'fast' });
  new CfnOutput(air, 'AlertsArn', { value: alerts.topicArn });
  new BindingOutputs(air, 'Bindings', { resources: [flights, delays] });
  app.synth();
  return outdir;
}

/** Synthesized once: nobody writes to it, and CloudFormation's own validation takes seconds. */
let assembly: string;

beforeAll(() => {
  assembly = synthesize();
});

async function setup(): Promise<{
  readonly deploy: () => Promise<Deployment>;
  readonly aws: Awaited<ReturnType<typeof createLocalAws>>;
}> {
  const aws = await createLocalAws({ transitionMs: 5 });
  return { aws, deploy: () => deployAssembly({ assembly, aws: aws.clientConfig }) };
}

afterAll(removeTemporaryFolders);

describe('deployAssembly with a synthesized app at the embedded AWS', () => {
  it('makes a topology through which a message flows as its filter says', async () => {
    const { aws, deploy } = await setup();
    const deployment = await deploy();
    const topic = readBinding('topic', 'Events', deployment.environment);
    const queue = readBinding('queue', 'Builds', deployment.environment);
    const sqs = new SQS(aws.clientConfig);
    const publisher = new SNS(aws.clientConfig);
    const publish = (branch: string): Promise<unknown> =>
      publisher.publish({
        TopicArn: topic.arn,
        Message: branch,
        MessageAttributes: {
          branch: { DataType: 'String', StringValue: branch },
          'millrace-type': { DataType: 'String', StringValue: 'github.push' },
        },
      });
    await publish('other');
    await publish('main');
    const { Messages } = await sqs.receiveMessage({
      QueueUrl: queue.url,
      WaitTimeSeconds: 2,
      MaxNumberOfMessages: 10,
    });
    expect(Messages?.map(({ Body }) => Body)).toEqual(['main']);
    const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: queue.url, AttributeNames: ['All'] });
    expect(JSON.parse(Attributes?.RedrivePolicy ?? '')).toEqual({
      deadLetterTargetArn: queue.deadLetterQueue.arn,
      maxReceiveCount: queue.maxReceiveCount,
    });
    await deployment.destroy();
    await aws.close();
  });

  it('makes streams, consumers and tables as the templates say, and names all that it leaves out', async () => {
    const { aws, deploy } = await setup();
    const deployment = await deploy();
    const reader = readBinding('reader', 'Flights/delays', deployment.environment);
    const streams = new Kinesis(aws.clientConfig);
    const { StreamName } = { StreamName: reader.stream.streamName };
    const { StreamDescriptionSummary } = await streams.describeStreamSummary({ StreamName });
    expect(StreamDescriptionSummary).toMatchObject({
      StreamStatus: 'ACTIVE',
      OpenShardCount: 2,
      RetentionPeriodHours: reader.retentionHours,
    });
    const { Table } = await new DynamoDB(aws.clientConfig).describeTable({ TableName: reader.leaseTable });
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(deployment.outputs.air?.AlertsArn).toMatch(
      /^arn:aws:sns:us-east-1:000000000000:hooks-Alerts.*\.fifo$/,
    );
    expect(new Set(deployment.notCreated.map(({ type }) => type))).toEqual(
      new Set(['AWS::CloudWatch::Alarm']),
    );
    await deployment.destroy();
    await aws.close();
  });

  it('leaves nothing behind when destroyed', async () => {
    const { aws, deploy } = await setup();
    await (await deploy()).destroy();
    const { QueueUrls = [] } = await new SQS(aws.clientConfig).listQueues({});
    const { Topics = [] } = await new SNS(aws.clientConfig).listTopics({});
    const { TableNames = [] } = await new DynamoDB(aws.clientConfig).listTables({});
    expect({ QueueUrls, Topics, TableNames }).toEqual({ QueueUrls: [], Topics: [], TableNames: [] });
    await aws.close();
  });

  it('agrees with the topology read off the same templates', () => {
    const { nodes, edges } = readTopology(assembly);
    expect(nodes.filter(({ kind }) => kind !== 'table').map(({ kind, label }) => `${kind} ${label}`)).toEqual(
      expect.arrayContaining([
        'topic Events',
        'queue Builds',
        'stream Flights',
        'reader delays',
        'reader fast',
      ]),
    );
    expect(edges).toContainEqual(
      expect.objectContaining({ kind: 'delivers', label: 'github.push · branch = main' }),
    );
  });
});
