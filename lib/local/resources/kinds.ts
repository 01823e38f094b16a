import { createGlobalTable, createTable } from './dynamodb.js';
import { createResourcePolicy, createStream, createStreamConsumer } from './kinesis.js';
import type { ResourceKind } from './resource-kind.js';
import { createBucket, createBucketPolicy } from './s3.js';
import { createSubscription, createTopic, createTopicPolicy } from './sns.js';
import { createQueue, createQueueInlinePolicy, createQueuePolicy } from './sqs.js';

/** Every CloudFormation type that a deployment creates; all others are named as not created. */
export const RESOURCE_KINDS: ReadonlyMap<string, ResourceKind> = new Map([
  ['AWS::DynamoDB::GlobalTable', createGlobalTable],
  ['AWS::DynamoDB::Table', createTable],
  ['AWS::Kinesis::ResourcePolicy', createResourcePolicy],
  ['AWS::Kinesis::Stream', createStream],
  ['AWS::Kinesis::StreamConsumer', createStreamConsumer],
  ['AWS::S3::Bucket', createBucket],
  ['AWS::S3::BucketPolicy', createBucketPolicy],
  ['AWS::SNS::Subscription', createSubscription],
  ['AWS::SNS::Topic', createTopic],
  ['AWS::SNS::TopicPolicy', createTopicPolicy],
  ['AWS::SQS::Queue', createQueue],
  ['AWS::SQS::QueueInlinePolicy', createQueueInlinePolicy],
  ['AWS::SQS::QueuePolicy', createQueuePolicy],
]);
