import type { Stack } from 'aws-cdk-lib';
import { CfnParameter, Duration } from 'aws-cdk-lib';
import { CfnTopic, Topic, type CfnSubscription } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { createWorker, subscribeByHand } from './foreign-resources.js';
import type { CasesOfRule } from './cases-of-rule.js';

const FOREIGN_TOPIC = 'arn:aws:sns:eu-west-1:222222222222:events';

const large = (stack: Stack, bytes: number): string =>
  new CfnTopic(stack, 'Topic', { maximumMessageSize: bytes }).ref;

/** Cases of the rules on topics. Their stacks are of account 111111111111 in eu-west-1. */
export const TOPIC_CASES: readonly CasesOfRule[] = [
  {
    rule: 'dead-letter-size',
    broken: [
      {
        when: 'a topic delivers more than the dead-letter queue takes',
        build: (stack) => deliver(stack, 1_048_576),
        says: 'takes 262144 bytes, and topic Topic 1048576 bytes',
        fix: 'set MaximumMessageSize: 1048576',
      },
    ],
    fine: [
      { when: 'the topic takes no more either', build: (stack) => deliver(stack, 262_144) },
      {
        when: 'the topic is of another app',
        build: (stack) => subscribeByHand(stack, { endpoint: smallQueue(stack).queueArn }),
      },
    ],
  },
  {
    rule: 'dead-letter-retention',
    broken: [
      {
        when: 'a FIFO queue keeps messages longer than its dead-letter queue',
        build: (stack) => fifoPair(stack, 10, 4),
        says: 'people have less time than the worker had',
      },
    ],
    fine: [
      {
        when: 'both FIFO queues keep them as long, since the clock starts anew',
        build: (stack) => fifoPair(stack, 4, 4),
      },
    ],
  },
  {
    rule: 'filter-count',
    broken: [
      {
        when: 'there are 201',
        build: (stack) => filterOften(stack, 201),
        says: 'has 201 subscriptions with a filter policy, SNS takes 200',
      },
    ],
    fine: [
      { when: 'there are 200', build: (stack) => filterOften(stack, 200) },
      {
        when: 'the topic is of another app',
        build: (stack) => filterOften(stack, 201, FOREIGN_TOPIC),
      },
    ],
  },
  {
    rule: 'topic-archive',
    broken: [
      {
        when: 'a standard topic is to keep one',
        build: (stack) => new CfnTopic(stack, 'Topic', { archivePolicy: { MessageRetentionPeriod: 30 } }),
        says: 'is a standard topic, which keeps no archive',
      },
      {
        when: 'a topic without one is replayed',
        build: (stack) =>
          subscribeByHand(stack, {
            topicArn: new Topic(stack, 'Topic', { fifo: true }).topicArn,
            endpoint: new Queue(stack, 'Work').queueArn,
            replayPolicy: { PointType: 'Timestamp', StartingPoint: '2026-11-20T00:00:00.000Z' },
          }),
        says: 'replays the archive of Topic, which keeps none',
        fix: 'set ArchivePolicy',
      },
    ],
    fine: [
      {
        when: 'a FIFO topic keeps it, and it is replayed',
        build: (stack) =>
          subscribeByHand(stack, {
            topicArn: new Topic(stack, 'Topic', { fifo: true, messageRetentionPeriodInDays: 30 }).topicArn,
            endpoint: new Queue(stack, 'Work').queueArn,
            replayPolicy: { PointType: 'Timestamp', StartingPoint: '2026-11-20T00:00:00.000Z' },
          }),
      },
      {
        when: 'the replayed topic is of another app',
        build: (stack) => subscribeByHand(stack, { topicArn: FOREIGN_TOPIC, replayPolicy: {} }),
      },
    ],
  },
  {
    rule: 'signature-version',
    broken: [
      {
        when: 'nothing is said',
        build: (stack) => {
          new Topic(stack, 'Topic').addSubscription(new UrlSubscription('https://example.com/'));
        },
        says: 'signs what it posts to URLs with SHA-1',
        fix: "SignatureVersion: '2'",
      },
    ],
    fine: [
      {
        when: 'SHA-256 is asked for',
        build: (stack) => {
          new Topic(stack, 'Topic', { signatureVersion: '2' }).addSubscription(
            new UrlSubscription('https://example.com/'),
          );
        },
      },
      {
        when: 'nothing is posted',
        build: (stack) => {
          new Topic(stack, 'Topic').addSubscription(new EmailSubscription('ops@example.com'));
        },
      },
      {
        when: 'only the deployment knows',
        build: (stack) => {
          const signatureVersion = new CfnParameter(stack, 'Version').valueAsString;
          subscribeByHand(stack, {
            protocol: 'https',
            endpoint: 'https://example.com/',
            topicArn: new CfnTopic(stack, 'Topic', { signatureVersion }).ref,
          });
        },
      },
    ],
  },
  {
    rule: 'large-topic',
    broken: [
      {
        when: 'people are subscribed',
        build: (stack) =>
          subscribeByHand(stack, {
            protocol: 'email',
            endpoint: 'ops@example.com',
            topicArn: large(stack, 1_048_576),
          }),
        says: 'delivers by email from Topic, whose messages may have 1048576 bytes',
      },
      {
        when: 'more than 100 are subscribed',
        build: (stack) => {
          const topicArn = large(stack, 262_145);
          for (let index = 0; index < 101; index += 1) {
            subscribeByHand(
              stack,
              { topicArn, endpoint: `arn:aws:sqs:eu-west-1:111111111111:q${index}` },
              `S${index}`,
            );
          }
        },
        says: 'takes messages of 262145 bytes and has 101 subscriptions',
      },
    ],
    fine: [
      {
        when: 'its messages are of the size all can take',
        build: (stack) =>
          subscribeByHand(stack, {
            protocol: 'email',
            endpoint: 'ops@example.com',
            topicArn: large(stack, 262_144),
          }),
      },
      {
        when: 'functions are subscribed',
        build: (stack) => {
          const topic = new Topic(stack, 'Topic');
          (topic.node.defaultChild as CfnTopic).maximumMessageSize = 1_048_576;
          topic.addSubscription(new LambdaSubscription(createWorker(stack)));
        },
      },
    ],
  },
  {
    rule: 'data-protection',
    broken: [
      {
        when: 'a topic has a policy of it',
        build: (stack) => new CfnTopic(stack, 'Topic', { dataProtectionPolicy: { Name: 'none' } }),
        says: 'which accounts that had none before 30 April 2026 can no longer have',
      },
    ],
    fine: [{ when: 'it has none', build: (stack) => new Topic(stack, 'Topic') }],
  },
];

function filterOften(stack: Stack, count: number, topicArn = new Topic(stack, 'Topic').topicArn): void {
  for (let index = 0; index < count; index += 1) {
    const endpoint = `arn:aws:sqs:eu-west-1:111111111111:q${index}`;
    subscribeByHand(stack, { topicArn, endpoint, filterPolicy: { kind: ['a'] } }, `S${index}`);
  }
}

function smallQueue(stack: Stack): Queue {
  const maxMessageSizeBytes = 262_144;
  const queue = new Queue(stack, 'Dead', { maxMessageSizeBytes });
  return new Queue(stack, 'Work', { maxMessageSizeBytes, deadLetterQueue: { queue, maxReceiveCount: 5 } });
}

const deliver = (stack: Stack, bytes: number): CfnSubscription =>
  subscribeByHand(stack, { topicArn: large(stack, bytes), endpoint: smallQueue(stack).queueArn });

function fifoPair(stack: Stack, days: number, deadDays: number): void {
  const queue = new Queue(stack, 'Dead', { fifo: true, retentionPeriod: Duration.days(deadDays) });
  const deadLetterQueue = { queue, maxReceiveCount: 5 };
  new Queue(stack, 'Work', { fifo: true, retentionPeriod: Duration.days(days), deadLetterQueue });
}
