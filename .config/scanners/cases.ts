import { App, Duration, Stack } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic, type ITopic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { z } from 'zod';
import {
  FanoutTopic,
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
  ShardedStream: (stack, { alarmTopic }) => {
    new ShardedStream(stack, 'Clicks', { alarmTopic, record: Clicked });
  },
  'ShardedStream with readers': (stack, { alarmTopic }) => {
    const stream = new ShardedStream(stack, 'Clicks', { alarmTopic, record: Clicked });
    stream.addReader('counts');
    stream.addReader('alerts', { enhancedFanOut: true });
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
