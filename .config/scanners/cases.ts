import { App, Duration, Stack } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic, type ITopic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { z } from 'zod';
import {
  FanoutTopic,
  MessagingDashboard,
  Postures,
  POSTURES,
  ShardedStream,
  WorkQueueWithDLQ,
  type Posture,
} from '../../lib/cdk/index.js';
import { defineMessage, defineRecord } from '../../lib/contract/index.js';

/** One construct under one posture, alone in a stack. */
export interface ScannedStack {
  readonly name: string;
  readonly posture: Posture;
  readonly stack: Stack;
}

/** Scope of what a case needs of its app beside our constructs; scanners' findings in it are the app's own. */
export const FOREIGN = 'Foreign';

/** The postures, in the order of the tables. */
export const POSTURE_NAMES = Object.keys(POSTURES) as readonly Posture[];

const Shipped = defineMessage('order.shipped', {
  schema: z.object({ order: z.string() }),
  id: ({ order }) => order,
  group: ({ order }) => order,
});

const Clicked = defineRecord('page.clicked', {
  schema: z.object({ page: z.string() }),
  key: ({ page }) => page,
});

const OTHER_ACCOUNT = '222222222222';

interface Surroundings {
  readonly alarmTopic: ITopic;
  readonly foreign: Construct;
}

type Build = (stack: Stack, surroundings: Surroundings) => void;

/** Every way the constructs make resources. */
const CASES: Readonly<Record<string, Build>> = {
  WorkQueueWithDLQ: (stack, { alarmTopic }) => {
    new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic });
  },
  'WorkQueueWithDLQ, FIFO, with idempotency table': (stack, { alarmTopic }) => {
    new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic, fifo: true, idempotency: true });
  },
  'WorkQueueWithDLQ with a function': (stack, { alarmTopic, foreign }) => {
    new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic }).processWithLambda(functionOf(foreign));
  },
  'FanoutTopic to a WorkQueueWithDLQ': (stack, { alarmTopic }) => {
    const topic = new FanoutTopic(stack, 'Events', { alarmTopic, messages: [Shipped] });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic }));
  },
  'FanoutTopic, FIFO': (stack, { alarmTopic }) => {
    const topic = new FanoutTopic(stack, 'Events', { alarmTopic, messages: [Shipped], fifo: true });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic, fifo: true }));
  },
  'FanoutTopic to a queue and a function of others': (stack, { alarmTopic, foreign }) => {
    const topic = new FanoutTopic(stack, 'Events', { alarmTopic, messages: [Shipped] });
    topic.fanOutTo(new Queue(foreign, 'Queue', { enforceSSL: true }));
    topic.addSubscription(new LambdaSubscription(functionOf(foreign)));
  },
  'FanoutTopic of another account to a WorkQueueWithDLQ': (stack, { alarmTopic }) => {
    const topic = FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', {
      topicArn: `arn:aws:sns:eu-central-1:${OTHER_ACCOUNT}:events`,
      messages: [Shipped],
      alarmTopic,
    });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic }));
  },
  'FanoutTopic with a log of deliveries': (stack, { alarmTopic }) => {
    new FanoutTopic(stack, 'Events', { alarmTopic, messages: [Shipped], deliveryLogging: true });
  },
  'FanoutTopic, FIFO, with an archive and a replay': (stack, { alarmTopic }) => {
    const topic = new FanoutTopic(stack, 'Events', {
      alarmTopic,
      messages: [Shipped],
      fifo: true,
      archiveRetention: Duration.days(30),
    });
    const queue = new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic, fifo: true });
    topic.fanOutTo(queue, { replayFrom: new Date('2026-11-01T00:00:00Z') });
  },
  'FanoutTopic and WorkQueueWithDLQ with claim checks': (stack, { alarmTopic, foreign }) => {
    const topic = new FanoutTopic(stack, 'Events', { alarmTopic, messages: [Shipped], claimCheck: true });
    const queue = new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic, claimCheck: true });
    topic.fanOutTo(queue);
    queue.processWithLambda(functionOf(foreign));
  },
  'WorkQueueWithDLQ with tasks on Fargate': (stack, { alarmTopic, foreign }) => {
    const queue = new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic, idempotency: true });
    queue.processWithFargate({ ...tasksIn(foreign), minTasks: 0 });
  },
  'dashboards of all': (stack, { alarmTopic }) => {
    const shown = { alarmTopic, dashboard: true };
    const topic = new FanoutTopic(stack, 'Events', { ...shown, messages: [Shipped] });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds', shown));
    new ShardedStream(stack, 'Clicks', { ...shown, record: Clicked });
    new MessagingDashboard(stack, 'Dashboard', { scopes: [stack] });
  },
  ShardedStream: (stack, { alarmTopic }) => {
    new ShardedStream(stack, 'Clicks', { alarmTopic, record: Clicked });
  },
  'ShardedStream with readers': (stack, { alarmTopic }) => {
    const stream = new ShardedStream(stack, 'Clicks', { alarmTopic, record: Clicked });
    stream.addReader('counts');
    stream.addReader('alerts', { enhancedFanOut: true });
  },
  'ShardedStream with a reader on Fargate': (stack, { alarmTopic, foreign }) => {
    const stream = new ShardedStream(stack, 'Clicks', { alarmTopic, record: Clicked });
    stream.addReader('counts').processWithFargate(tasksIn(foreign));
  },
  'ShardedStream with a function that reads': (stack, { alarmTopic, foreign }) => {
    const stream = new ShardedStream(stack, 'Clicks', { alarmTopic, record: Clicked });
    stream.addLambdaReader('counts', functionOf(foreign));
  },
  'ShardedStream with an archive': (stack, { alarmTopic, foreign }) => {
    const stream = new ShardedStream(stack, 'Clicks', { alarmTopic, record: Clicked });
    stream.archiveTo(new Bucket(foreign, 'Bucket', { enforceSSL: true }));
  },
  'ShardedStream that another account reads': (stack, { alarmTopic, foreign }) => {
    const encryptionKey = new Key(foreign, 'StreamKey', { enableKeyRotation: true });
    const stream = new ShardedStream(stack, 'Clicks', { alarmTopic, record: Clicked, encryptionKey });
    stream.shareWith(OTHER_ACCOUNT);
  },
};

/** Names of the cases, in the order of the page. */
export const CASE_NAMES: readonly string[] = Object.keys(CASES);

/** Every construct under every posture, one stack each, in one app. */
export function createScannedApp(): { readonly app: App; readonly stacks: ScannedStack[] } {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: recommendedFlags,
  });
  const stacks = POSTURE_NAMES.flatMap((posture) =>
    Object.entries(CASES).map(([name, build]) => {
      const stack = new Stack(app, `${name.replaceAll(/\W+/g, '-')}-${posture}`);
      Postures.of(stack).use(posture);
      const foreign = new Construct(stack, FOREIGN);
      const masterKey = new Key(foreign, 'Key', { enableKeyRotation: true });
      build(stack, { foreign, alarmTopic: new Topic(foreign, 'Pager', { masterKey, enforceSSL: true }) });
      return { name, posture, stack };
    }),
  );
  return { app, stacks };
}

function functionOf(scope: Construct): LambdaFunction {
  return new LambdaFunction(scope, 'Function', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
    timeout: Duration.seconds(30),
  });
}

function tasksIn(scope: Construct): { readonly cluster: ICluster; readonly image: ContainerImage } {
  const vpc = new Vpc(scope, 'Vpc', { maxAzs: 2, restrictDefaultSecurityGroup: false }) as IVpc;
  const cluster = new Cluster(scope, 'Cluster', { vpc }) as ICluster;
  return { cluster, image: ContainerImage.fromRegistry('public.ecr.aws/docker/library/node:22-slim') };
}
