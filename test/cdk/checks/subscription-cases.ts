import type { Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CfnQueue, CfnQueuePolicy, Queue } from 'aws-cdk-lib/aws-sqs';
import { createWorker, HOME, letIn, stackBeside, subscribeByHand } from './foreign-resources.js';
import type { CasesOfRule } from './cases-of-rule.js';

const FOREIGN_TOPIC = 'arn:aws:sns:eu-west-1:222222222222:events';

/** A queue in one Region, subscribed to a topic in another. */
function acrossRegions(stack: Stack, topicRegion: string, service: string): void {
  const queue = new Queue(stack, 'Work');
  letIn(queue, {}, service);
  subscribeByHand(stack, {
    topicArn: `arn:aws:sns:${topicRegion}:${HOME.account}:events`,
    region: topicRegion,
    endpoint: queue.queueArn,
  });
}

const manyValues = (key: string, count: number) => ({
  [key]: Array.from({ length: count }, (_, index) => String(index)),
});

/** Cases of the rules on subscriptions. Their stacks are of account 111111111111 in eu-west-1. */
export const SUBSCRIPTION_CASES: readonly CasesOfRule[] = [
  {
    rule: 'filter-limits',
    broken: [
      {
        when: 'a filter is too long',
        build: (stack) => subscribeByHand(stack, { filterPolicy: { kind: ['a'.repeat(262_144)] } }),
        says: 'bytes, SNS takes 262144',
      },
      {
        when: 'filters beside each other have too many keys together',
        build: (stack) =>
          subscribeByHand(stack, {
            filterPolicy: {
              $or: [
                { a: ['1'], b: ['1'], c: ['1'] },
                { d: ['1'], e: ['1'], f: ['1'] },
              ],
            },
          }),
        says: '6 keys, SNS takes 5',
      },
    ],
    fine: [
      {
        when: 'it is as long as it may be',
        build: (stack) => subscribeByHand(stack, { filterPolicy: { kind: ['a'.repeat(262_000)] } }),
      },
      {
        when: 'filters beside each other make as many combinations as it may',
        build: (stack) =>
          subscribeByHand(stack, {
            filterPolicy: { $or: [manyValues('a', 75), manyValues('b', 75)] },
          }),
      },
    ],
  },
  {
    rule: 'subscription-dead-letter-type',
    broken: [
      {
        when: 'a FIFO queue is subscribed and dies into a standard one',
        build: (stack) => {
          const deadLetterQueue = new Queue(stack, 'Dead');
          new Topic(stack, 'Topic', { fifo: true }).addSubscription(
            new SqsSubscription(new Queue(stack, 'Work', { fifo: true }), { deadLetterQueue }),
          );
        },
        says: 'delivers to a FIFO queue, and its dead-letter queue Dead is standard',
        fix: 'make the dead-letter queue FIFO',
      },
      {
        when: 'a function dies into a FIFO queue',
        build: (stack) => {
          const dead = new CfnQueue(stack, 'Dead', { fifoQueue: true });
          subscribeByHand(stack, {
            protocol: 'lambda',
            endpoint: createWorker(stack).functionArn,
            redrivePolicy: { deadLetterTargetArn: dead.attrArn },
          });
        },
        says: 'delivers to lambda, and its dead-letter queue Dead is FIFO',
        fix: 'make the dead-letter queue standard',
      },
    ],
    fine: [
      {
        when: 'a standard queue of a FIFO topic dies into a standard one',
        build: (stack) => {
          const deadLetterQueue = new Queue(stack, 'Dead');
          new Topic(stack, 'Topic', { fifo: true }).addSubscription(
            new SqsSubscription(new Queue(stack, 'Work'), { deadLetterQueue }),
          );
        },
      },
      {
        when: 'the subscribed queue is of another app',
        build: (stack) => {
          const dead = new Queue(stack, 'Dead', { fifo: true });
          subscribeByHand(stack, {
            endpoint: 'arn:aws:sqs:eu-west-1:111111111111:work.fifo',
            redrivePolicy: { deadLetterTargetArn: dead.queueArn },
          });
        },
      },
    ],
  },
  {
    rule: 'raw-delivery',
    broken: [
      {
        when: 'a function is to get raw messages',
        build: (stack) =>
          subscribeByHand(stack, {
            protocol: 'lambda',
            endpoint: createWorker(stack).functionArn,
            rawMessageDelivery: true,
          }),
        says: 'asks for raw delivery by lambda',
      },
    ],
    fine: [
      {
        when: 'a queue gets them',
        build: (stack) => {
          new Topic(stack, 'Topic').addSubscription(
            new SqsSubscription(new Queue(stack, 'Work'), { rawMessageDelivery: true }),
          );
        },
      },
      {
        when: 'only the deployment knows',
        build: (stack) =>
          subscribeByHand(stack, {
            protocol: 'lambda',
            endpoint: 'arn:aws:lambda:eu-west-1:111111111111:function:f',
          }).addPropertyOverride('RawMessageDelivery', { Ref: 'AWS::NoValue' }),
      },
    ],
  },
  {
    rule: 'firehose-role',
    broken: [
      {
        when: 'there is none (template trap 32)',
        build: (stack) =>
          subscribeByHand(stack, {
            protocol: SubscriptionProtocol.FIREHOSE,
            endpoint: new CfnDeliveryStream(stack, 'Delivery').attrArn,
          }),
        says: 'subscribes a delivery stream without a role',
      },
    ],
    fine: [
      {
        when: 'it is of another app',
        build: (stack) =>
          subscribeByHand(stack, {
            protocol: SubscriptionProtocol.FIREHOSE,
            endpoint: 'arn:aws:firehose:eu-west-1:111111111111:deliverystream/d',
            subscriptionRoleArn: 'arn:aws:iam::111111111111:role/r',
          }),
      },
    ],
  },
  {
    rule: 'subscription-https',
    broken: [
      {
        when: 'it posts in plain text',
        build: (stack) => {
          new Topic(stack, 'Topic').addSubscription(new UrlSubscription('http://example.com/'));
        },
        says: 'posts messages in plain text',
        fix: "set Protocol: 'https'",
      },
    ],
    fine: [
      {
        when: 'it posts over TLS',
        build: (stack) => {
          new Topic(stack, 'Topic').addSubscription(new UrlSubscription('https://example.com/'));
        },
      },
      {
        when: 'only the deployment knows',
        build: (stack) =>
          subscribeByHand(stack, { protocol: new CfnParameter(stack, 'Protocol').valueAsString }),
      },
    ],
  },
  {
    rule: 'subscription-owner',
    broken: [
      {
        when: 'the queue is of another account, by name',
        needsPlace: true,
        build: (stack) => subscribeByHand(stack, { endpoint: 'arn:aws:sqs:eu-west-1:222222222222:work' }),
        says: 'is made in account 111111111111 for a queue of account 222222222222',
        fix: 'subscribe in a stack of account 222222222222',
      },
      {
        when: 'the function is of another account, by reference',
        needsPlace: true,
        build: (stack) => {
          const theirs = stackBeside(stack, 'Theirs', { env: { ...HOME, account: '222222222222' } });
          const endpoint = new Queue(theirs, 'Work', { queueName: 'work' }).queueArn;
          subscribeByHand(stack, { endpoint });
        },
        says: 'for a queue of account 222222222222',
      },
    ],
    fine: [
      {
        when: 'the topic is of another account, and the queue of this one',
        build: (stack) =>
          subscribeByHand(stack, { topicArn: FOREIGN_TOPIC, endpoint: new Queue(stack, 'Work').queueArn }),
      },
      {
        when: 'the app does not say where it goes',
        build: (stack) =>
          subscribeByHand(stackBeside(stack, 'Anywhere', {}), {
            endpoint: 'arn:aws:sqs:eu-west-1:222222222222:work',
          }),
      },
    ],
  },
  {
    rule: 'subscription-region',
    broken: [
      {
        when: 'a topic comes from an opt-in Region under the global name',
        needsPlace: true,
        build: (stack) => acrossRegions(stack, 'ap-east-1', 'sns.amazonaws.com'),
        says: 'no policy lets sns.ap-east-1.amazonaws.com send',
        fix: '"Service":"sns.ap-east-1.amazonaws.com"',
      },
    ],
    fine: [
      {
        when: 'it is let in by its Regional name',
        build: (stack) => acrossRegions(stack, 'ap-east-1', 'sns.ap-east-1.amazonaws.com'),
      },
      {
        when: 'no Region must be opted in to',
        build: (stack) => acrossRegions(stack, 'us-east-1', 'sns.amazonaws.com'),
      },
      {
        when: 'both are in one opt-in Region',
        build: (stack) => {
          const there = stackBeside(stack, 'There', { env: { ...HOME, region: 'ap-east-1' } });
          acrossRegions(there, 'ap-east-1', 'sns.amazonaws.com');
        },
      },
      {
        when: 'aws-cdk-lib writes the policy',
        build: (stack) => {
          const topic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:ap-east-1:111111111111:events');
          topic.addSubscription(new SqsSubscription(new Queue(stack, 'Work')));
        },
      },
    ],
  },
  {
    rule: 'subscription-order',
    broken: [
      {
        when: 'nothing is said',
        build: (stack) => {
          const queue = new Queue(stack, 'Work');
          letIn(queue);
          subscribeByHand(stack, { endpoint: queue.queueArn });
        },
        says: 'does not wait for WorkPolicy',
        fix: 'add DependsOn: ["WorkPolicy',
      },
    ],
    fine: [
      {
        when: 'an L1 waits for an L1',
        build: (stack) => {
          const queue = new CfnQueue(stack, 'Work');
          const Statement = [
            { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:*', Resource: '*' },
          ];
          const policyDocument = { Statement };
          const policy = new CfnQueuePolicy(stack, 'Policy', { queues: [queue.ref], policyDocument });
          subscribeByHand(stack, { endpoint: queue.attrArn }).addResourceDependency(policy);
        },
      },
      {
        when: 'aws-cdk-lib orders them',
        build: (stack) => {
          new Topic(stack, 'Topic').addSubscription(new SqsSubscription(new Queue(stack, 'Work')));
        },
      },
      {
        when: 'the queue is in another stack',
        needsPlace: true,
        build: (stack) => {
          const queue = new Queue(stackBeside(stack, 'Queues'), 'Work');
          letIn(queue);
          subscribeByHand(stack, { endpoint: queue.queueArn });
        },
      },
    ],
  },
];
