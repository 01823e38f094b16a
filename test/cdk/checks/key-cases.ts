import type { Stack } from 'aws-cdk-lib';
import { CfnParameter, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, BillingMode, CfnTable, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { WorkQueueWithDLQ } from '../../../lib/cdk/index.js';
import { createWorker, type CasesOfRule } from './cases-of-rule.js';

/** A key that everybody may use, under a condition or none. */
function openKey(stack: Stack, conditions: Record<string, unknown> = {}): Key {
  const key = new Key(stack, 'Key');
  key.addToResourcePolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: ['*'],
      principals: [new AnyPrincipal()],
      conditions,
    }),
  );
  return key;
}

/** A key that SNS may use for one topic. */
function keyForTopic(stack: Stack, topic: Topic, key: Key): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      principals: [new ServicePrincipal('sns.amazonaws.com')],
      conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
    }),
  );
}

const encryptedQueue = (stack: Stack, encryptionMasterKey: Key): Queue =>
  new Queue(stack, 'Work', { encryption: QueueEncryption.KMS, encryptionMasterKey });

/** A stream, retained, under a key. */
const encryptedStream = (stack: Stack, encryptionKey: Key): Stream =>
  new Stream(stack, 'Stream', { encryption: StreamEncryption.KMS, encryptionKey });

/** Somebody's table as the idempotency table of a queue's worker. */
function bindTable(stack: Stack, { tableName }: { readonly tableName: string }): void {
  createWorker(stack, {
    environment: { MILLRACE_QUEUE_WORK: stack.toJsonString({ idempotency: { table: tableName } }) },
  });
}

const partitionKey = { name: 'id', type: AttributeType.STRING };

export const KEY_CASES: readonly CasesOfRule[] = [
  {
    rule: 'key-public',
    broken: [
      {
        when: 'everybody may decrypt',
        build: (stack) => encryptedQueue(stack, openKey(stack)),
        says: 'allows kms:Decrypt to everybody in the world, and encrypts Work',
      },
    ],
    fine: [
      {
        when: 'everybody is of one account',
        build: (stack) =>
          encryptedQueue(stack, openKey(stack, { StringEquals: { 'kms:CallerAccount': '111111111111' } })),
      },
      { when: 'the key encrypts nothing of messaging', build: openKey },
      {
        when: 'the key is of another app',
        build: (stack) => {
          const arn = 'arn:aws:kms:eu-west-1:111111111111:key/elsewhere';
          new Queue(stack, 'Work', { encryptionMasterKey: Key.fromKeyArn(stack, 'Key', arn) });
        },
      },
    ],
  },
  {
    rule: 'key-cycle',
    broken: [
      {
        when: 'a key knows the topic that it encrypts',
        build: (stack) => {
          const masterKey = new Key(stack, 'Key');
          keyForTopic(stack, new Topic(stack, 'Topic', { masterKey }), masterKey);
        },
        says: 'names Topic in its policy, which is encrypted with it: neither can be made before the other',
      },
    ],
    fine: [
      {
        when: 'topic and queue have a key each',
        build: (stack) => {
          const key = new Key(stack, 'Key');
          encryptedQueue(stack, key);
          keyForTopic(stack, new Topic(stack, 'Topic', { masterKey: new Key(stack, 'TopicKey') }), key);
        },
      },
    ],
  },
  {
    rule: 'key-removal',
    broken: [
      {
        when: 'the stream stays and its key goes',
        build: (stack) =>
          encryptedStream(stack, new Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY })),
        says: 'is deleted with its stack, and Stream stays: nobody can read what is in it any more',
      },
    ],
    fine: [
      {
        when: 'both stay',
        build: (stack) => encryptedStream(stack, new Key(stack, 'Key')),
      },
      {
        when: 'both go',
        build: (stack) => {
          encryptedStream(
            stack,
            new Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY }),
          ).applyRemovalPolicy(RemovalPolicy.DESTROY);
        },
      },
    ],
  },
  {
    rule: 'table-billing',
    broken: [
      {
        when: 'a lease table has a fixed throughput',
        build: (stack) => new Table(stack, 'Leases', { partitionKey: { ...partitionKey, name: 'leaseKey' } }),
        says: 'holds leases and has a fixed throughput',
      },
    ],
    fine: [
      {
        when: 'the throughput grows with the load',
        build: (stack) => {
          const table = new Table(stack, 'Leases', { partitionKey: { ...partitionKey, name: 'leaseKey' } });
          table.autoScaleWriteCapacity({ minCapacity: 5, maxCapacity: 50 });
        },
      },
      {
        when: 'the table is for something else',
        build: (stack) => new Table(stack, 'Table', { partitionKey }),
      },
      {
        when: 'the mode is a parameter',
        build: (stack) => {
          const { valueAsString: billingMode } = new CfnParameter(stack, 'Mode');
          const keySchema = [{ attributeName: 'leaseKey', keyType: 'HASH' }];
          new CfnTable(stack, 'Leases', { keySchema, billingMode });
        },
      },
      {
        when: 'a global table is on demand',
        build: (stack) =>
          new TableV2(stack, 'Leases', {
            partitionKey: { ...partitionKey, name: 'leaseKey' },
            billing: Billing.onDemand(),
          }),
      },
    ],
  },
  {
    rule: 'idempotency-expiry',
    broken: [
      {
        when: 'a worker is given a table that keeps everything',
        build: (stack) =>
          bindTable(
            stack,
            new Table(stack, 'Table', { partitionKey, billingMode: BillingMode.PAY_PER_REQUEST }),
          ),
        says: 'holds idempotency records that nothing deletes',
      },
    ],
    fine: [
      {
        when: 'records expire',
        build: (stack) =>
          bindTable(stack, new Table(stack, 'Table', { partitionKey, timeToLiveAttribute: 'ttl' })),
      },
      {
        when: 'the table is ours',
        build: (stack) =>
          new WorkQueueWithDLQ(stack, 'Work', { idempotency: true }).processWithLambda(createWorker(stack)),
      },
    ],
  },
];
