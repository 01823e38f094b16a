import type { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnNotificationRule } from 'aws-cdk-lib/aws-codestarnotifications';
import { CfnEventSubscription } from 'aws-cdk-lib/aws-rds';
import { Bucket, CfnBucket, EventType } from 'aws-cdk-lib/aws-s3';
import { SnsDestination, SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { HOME, letIn, stackBeside } from './foreign-resources.js';
import type { CasesOfRule } from './cases-of-rule.js';

const EVENTS = { source: ['shop'] };

const ruleTo = (stack: Stack, arn: string, sqsParameters?: CfnRule.SqsParametersProperty): CfnRule =>
  new CfnRule(stack, 'Rule', {
    eventPattern: EVENTS,
    targets: [{ id: 'T', arn, ...(sqsParameters && { sqsParameters }) }],
  });

const bucketTo = (stack: Stack, queue: string): CfnBucket =>
  new CfnBucket(stack, 'Bucket', {
    notificationConfiguration: { queueConfigurations: [{ event: 's3:ObjectCreated:*', queue }] },
  });

/** Cases of the rules on AWS services that send. Their stacks are of account 111111111111 in eu-west-1. */
export const PUBLISHER_CASES: readonly CasesOfRule[] = [
  {
    rule: 'publisher-policy',
    broken: [
      {
        when: 'a rule sends to a queue that does not know it',
        build: (stack) => ruleTo(stack, new Queue(stack, 'Work').queueArn),
        says: 'is sent to by events.amazonaws.com for Rule, and no policy lets it',
        fix: '"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":{"Fn::GetAtt":["Work","Arn"]},"Condition":{"ArnEquals":{"aws:SourceArn":{"Fn::GetAtt":["Rule","Arn"]}}}',
      },
      {
        when: 'a bucket notifies a queue that does not know it',
        build: (stack) => bucketTo(stack, new CfnQueue(stack, 'Work').attrArn),
        says: 'is sent to by s3.amazonaws.com for Bucket',
      },
      {
        when: 'a bucket notifies a queue that knows another bucket',
        build: (stack) => {
          const queue = new Queue(stack, 'Work');
          letIn(
            queue,
            { ArnLike: { 'aws:SourceArn': new Bucket(stack, 'Other').bucketArn } },
            's3.amazonaws.com',
          );
          bucketTo(stack, queue.queueArn);
        },
        says: 'is sent to by s3.amazonaws.com for Bucket',
      },
      {
        when: 'pipelines notify a topic with the default policy',
        build: (stack) =>
          new CfnNotificationRule(stack, 'Rule', {
            name: 'rule',
            detailType: 'BASIC',
            eventTypeIds: [],
            resource: 'arn:aws:codepipeline:eu-west-1:111111111111:p',
            targets: [{ targetType: 'SNS', targetAddress: new Topic(stack, 'Topic').topicArn }],
          }),
        says: 'is sent to by codestar-notifications.amazonaws.com',
      },
      {
        when: 'databases notify a topic whose policy leaves them out',
        build: (stack) =>
          new CfnEventSubscription(stack, 'Databases', {
            snsTopicArn: new Topic(stack, 'Topic', { enforceSSL: true }).topicArn,
          }),
        says: 'is sent to by events.rds.amazonaws.com for Databases',
      },
    ],
    fine: [
      {
        when: 'aws-cdk-lib writes the policies',
        build: (stack) => {
          const queue = new Queue(stack, 'Work');
          const topic = new Topic(stack, 'Topic');
          new Rule(stack, 'Rule', {
            eventPattern: EVENTS,
            targets: [new SqsQueue(queue), new SnsTopic(topic)],
          });
          const bucket = new Bucket(stack, 'Bucket');
          bucket.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(queue));
          bucket.addEventNotification(EventType.OBJECT_REMOVED, new SnsDestination(topic));
        },
      },
      {
        when: 'databases notify a topic with the default policy',
        build: (stack) =>
          new CfnEventSubscription(stack, 'Databases', { snsTopicArn: new Topic(stack, 'Topic').topicArn }),
      },
      {
        when: 'a rule sends by a role',
        build: (stack) =>
          new CfnRule(stack, 'Rule', {
            eventPattern: EVENTS,
            targets: [
              {
                id: 'T',
                arn: new Queue(stack, 'Work').queueArn,
                roleArn: 'arn:aws:iam::111111111111:role/r',
              },
            ],
          }),
      },
      {
        when: 'the queue is of another app',
        build: (stack) => ruleTo(stack, 'arn:aws:sqs:eu-west-1:111111111111:elsewhere'),
      },
    ],
  },
  {
    rule: 'publisher-keys',
    broken: [
      {
        when: 'the key is the one AWS manages',
        build: (stack) => {
          const queue = new Queue(stack, 'Work', { encryption: QueueEncryption.KMS_MANAGED });
          new Rule(stack, 'Rule', { eventPattern: EVENTS, targets: [new SqsQueue(queue)] });
        },
        says: "is encrypted with alias/aws/sqs, the key AWS manages: its policy can't be changed, so events.amazonaws.com can't send here",
      },
      {
        when: 'the key does not know databases',
        build: (stack) =>
          new CfnEventSubscription(stack, 'Databases', {
            snsTopicArn: new Topic(stack, 'Topic', { masterKey: new Key(stack, 'Key') }).topicArn,
          }),
        says: 'is encrypted with Key, whose policy does not let events.rds.amazonaws.com use it',
        fix: 'add to the policy of Key: {"Effect":"Allow","Principal":{"Service":"events.rds.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey*"]',
      },
    ],
    fine: [
      {
        when: 'aws-cdk-lib lets them in',
        build: (stack) => {
          const encryptionMasterKey = new Key(stack, 'Key');
          const queue = new Queue(stack, 'Work', { encryptionMasterKey });
          new Rule(stack, 'Rule', { eventPattern: EVENTS, targets: [new SqsQueue(queue)] });
        },
      },
      {
        when: 'the key was opened by hand',
        build: (stack) => {
          const masterKey = new Key(stack, 'Key');
          masterKey.grantEncryptDecrypt(new ServicePrincipal('events.rds.amazonaws.com'));
          new CfnEventSubscription(stack, 'Databases', {
            snsTopicArn: new Topic(stack, 'Topic', { masterKey }).topicArn,
          });
        },
      },
      {
        when: 'the key is of another app',
        build: (stack) => {
          const { ref } = new CfnTopic(stack, 'Topic', { kmsMasterKeyId: 'alias/elsewhere' });
          new CfnEventSubscription(stack, 'Databases', { snsTopicArn: ref });
        },
      },
    ],
  },
  {
    rule: 'publisher-types',
    broken: [
      {
        when: 'a bucket notifies a FIFO queue',
        build: (stack) => bucketTo(stack, new Queue(stack, 'Work', { fifo: true }).queueArn),
        says: 'makes s3.amazonaws.com send to FIFO queue Work, and it knows no message groups',
      },
      {
        when: 'databases notify a FIFO topic',
        build: (stack) =>
          new CfnEventSubscription(stack, 'Databases', {
            snsTopicArn: new Topic(stack, 'Topic', { fifo: true }).topicArn,
          }),
        says: 'makes events.rds.amazonaws.com send to FIFO topic Topic',
      },
      {
        when: 'a rule names no message group',
        build: (stack) => ruleTo(stack, new Queue(stack, 'Work', { fifo: true }).queueArn),
        says: 'sends to FIFO queue Work without a message group',
      },
    ],
    fine: [
      {
        when: 'a rule names the message group',
        build: (stack) =>
          ruleTo(stack, new Queue(stack, 'Work', { fifo: true }).queueArn, { messageGroupId: 'all' }),
      },
      {
        when: 'the bus is of another app',
        build: (stack) => {
          const eventBus = EventBus.fromEventBusName(stack, 'Bus', 'elsewhere');
          const targets = [new SqsQueue(new Queue(stack, 'Work'))];
          new Rule(stack, 'Rule', { eventBus, eventPattern: EVENTS, targets });
        },
      },
    ],
  },
  {
    rule: 'alarm-region',
    broken: [
      {
        when: 'the topic is elsewhere, by name',
        needsPlace: true,
        build: (stack) => alarmTo(stack, 'arn:aws:sns:us-east-1:111111111111:pager'),
        says: 'is in eu-west-1 and tells a topic in us-east-1',
        fix: 'make a topic in eu-west-1',
      },
      {
        when: 'the topic is elsewhere, by reference',
        needsPlace: true,
        build: (stack) => {
          const there = stackBeside(stack, 'There', { env: { ...HOME, region: 'us-east-1' } });
          alarmTo(stack, new Topic(there, 'Pager', { topicName: 'pager' }).topicArn);
        },
        says: 'is in eu-west-1 and tells a topic in us-east-1',
      },
    ],
    fine: [
      {
        when: 'the topic is beside it',
        build: (stack) => alarmTo(stack, new Topic(stack, 'Pager').topicArn),
      },
      {
        when: 'the app does not say where it goes',
        build: (stack) =>
          alarmTo(stackBeside(stack, 'Anywhere', {}), 'arn:aws:sns:us-east-1:111111111111:pager'),
      },
    ],
  },
];

const alarmTo = (stack: Stack, arn: string): CfnAlarm =>
  new CfnAlarm(stack, 'Alarm', {
    metricName: 'ApproximateNumberOfMessagesVisible',
    comparisonOperator: 'GreaterThanThreshold',
    evaluationPeriods: 1,
    alarmActions: [arn],
  });
