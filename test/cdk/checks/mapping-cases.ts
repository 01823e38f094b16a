import type { Stack } from 'aws-cdk-lib';
import { CfnParameter, Duration, Fn } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnStreamConsumer, Stream } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping, CfnFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { createWorker, createPair, type CasesOfRule } from './cases-of-rule.js';

type MappingProps = Partial<ConstructorParameters<typeof CfnEventSourceMapping>[2]>;

/** A mapping by hand: aws-cdk-lib's event source would grant and refuse. */
function mapQueue(stack: Stack, props: MappingProps = {}, queue?: Queue): void {
  new CfnEventSourceMapping(stack, 'Mapping', {
    functionName: 'elsewhere',
    eventSourceArn: props.eventSourceArn ?? (queue ?? createPair(stack).queue).queueArn,
    ...props,
  });
}

/** A function with a role of exactly these Allows. */
function createNarrowWorker(stack: Stack, ...statements: readonly PolicyStatement[]): string {
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  for (const statement of statements) role.addToPolicy(statement);
  return createWorker(stack, { role }).functionName;
}

const ALL_OF_SQS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

const allow = (actions: readonly string[], ...resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources] });

function createEncryptedQueue(stack: Stack): { readonly queue: Queue; readonly key: Key } {
  const key = new Key(stack, 'Key');
  return {
    key,
    queue: new Queue(stack, 'Work', { encryption: QueueEncryption.KMS, encryptionMasterKey: key }),
  };
}

export const MAPPING_CASES: readonly CasesOfRule[] = [
  {
    rule: 'mapping-rights',
    broken: [
      {
        when: 'the role may only receive',
        build: (stack) => {
          const { queue } = createPair(stack);
          const functionName = createNarrowWorker(stack, allow(['sqs:ReceiveMessage'], queue.queueArn));
          mapQueue(stack, { functionName }, queue);
        },
        says: 'is fed by Work, and its role may not sqs:DeleteMessage, sqs:GetQueueAttributes there: Lambda refuses the mapping',
      },
      {
        when: 'the role may receive from another queue only',
        build: (stack) => {
          const { queue, dead } = createPair(stack);
          mapQueue(
            stack,
            { functionName: createNarrowWorker(stack, allow(ALL_OF_SQS, dead.queueArn)) },
            queue,
          );
        },
        says: 'its role may not sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes there',
      },
      {
        when: 'a function has a consumer it may not subscribe with',
        build: (stack) => {
          const { streamArn } = new Stream(stack, 'Stream');
          const { attrConsumerArn } = new CfnStreamConsumer(stack, 'Consumer', {
            consumerName: 'c',
            streamArn,
          });
          const functionName = createNarrowWorker(stack, allow(['kinesis:*'], streamArn));
          mapQueue(stack, { functionName, eventSourceArn: attrConsumerArn });
        },
        says: 'is fed by Consumer, and its role may not kinesis:SubscribeToShard there',
      },
      {
        when: 'the role may not use the key',
        build: (stack) => {
          const { queue } = createEncryptedQueue(stack);
          mapQueue(
            stack,
            { functionName: createNarrowWorker(stack, allow(ALL_OF_SQS, queue.queueArn)) },
            queue,
          );
        },
        says: 'its role may not decrypt with the key Key: Lambda receives nothing',
      },
    ],
    fine: [
      {
        when: 'the role may do all but something else, with all but something else',
        build: (stack) => {
          const { queue, dead } = createPair(stack);
          const most = PolicyStatement.fromJson({
            Effect: 'Allow',
            NotAction: ['iam:*'],
            NotResource: [dead.queueArn],
          });
          mapQueue(stack, { functionName: createNarrowWorker(stack, most) }, queue);
        },
      },
      {
        when: 'aws-cdk-lib granted them',
        build: (stack) => {
          createWorker(stack).addEventSource(new SqsEventSource(createEncryptedQueue(stack).queue));
        },
      },
      {
        when: 'the role has AWS’s policy for queues',
        build: (stack) => {
          const role = new Role(stack, 'Role', {
            assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
            managedPolicies: [
              ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaSQSQueueExecutionRole'),
            ],
          });
          mapQueue(stack, { functionName: createWorker(stack, { role }).functionName });
        },
      },
      {
        when: 'the role has a policy nobody knows',
        build: (stack) => {
          const role = new Role(stack, 'Role', {
            assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
            managedPolicies: [ManagedPolicy.fromManagedPolicyName(stack, 'Policy', 'of-the-company')],
          });
          mapQueue(stack, { functionName: createWorker(stack, { role }).functionName });
        },
      },
      {
        when: 'the rights are within the role',
        build: (stack) => {
          const { queue } = createPair(stack);
          const role = new Role(stack, 'Role', {
            assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
            inlinePolicies: { work: new PolicyDocument({ statements: [allow(ALL_OF_SQS, queue.queueArn)] }) },
          });
          mapQueue(stack, { functionName: createWorker(stack, { role }).functionName }, queue);
        },
      },
      {
        when: 'the role may receive from an ARN that is written out',
        build: (stack) => {
          const functionName = createNarrowWorker(stack, allow(ALL_OF_SQS, 'arn:aws:sqs:*:*:work-*'));
          mapQueue(stack, { functionName });
        },
      },
      {
        when: 'the role is of another app',
        build: (stack) => {
          const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111111111111:role/worker');
          mapQueue(stack, { functionName: createWorker(stack, { role }).functionName });
        },
      },
      {
        when: 'an L1 function has a role of another stack’s export',
        build: (stack) => {
          const { ref: functionName } = new CfnFunction(stack, 'Worker', {
            code: { zipFile: 'exports.handler = () => undefined' },
            handler: 'index.handler',
            runtime: 'nodejs22.x',
            role: Fn.importValue('role-of-another-app'),
          });
          mapQueue(stack, { functionName });
        },
      },
    ],
  },
  {
    rule: 'mapping-concurrency',
    broken: [
      {
        when: 'a queue without a cap feeds reserved concurrency',
        build: (stack) => {
          createWorker(stack, { reservedConcurrentExecutions: 10 }).addEventSource(
            new SqsEventSource(createPair(stack).queue),
          );
        },
        says: 'has 10 invocations reserved, and a queue without MaximumConcurrency asks for up to 1250',
      },
      {
        when: 'the caps add up to more',
        build: (stack) => {
          const worker = createWorker(stack, { reservedConcurrentExecutions: 10 });
          worker.addEventSource(new SqsEventSource(createPair(stack).queue, { maxConcurrency: 8 }));
          worker.addEventSource(new SqsEventSource(new Queue(stack, 'Other'), { maxConcurrency: 8 }));
        },
        says: 'has 10 invocations reserved, and its queues ask for up to 16',
      },
    ],
    fine: [
      {
        when: 'the caps fit',
        build: (stack) => {
          const worker = createWorker(stack, { reservedConcurrentExecutions: 10 });
          worker.addEventSource(new SqsEventSource(createPair(stack).queue, { maxConcurrency: 10 }));
        },
      },
      {
        when: 'nothing is reserved',
        build: (stack) => {
          createWorker(stack).addEventSource(new SqsEventSource(createPair(stack).queue));
        },
      },
      {
        when: 'the function is turned off',
        build: (stack) => {
          const worker = createWorker(stack, { reservedConcurrentExecutions: 0 });
          worker.addEventSource(new SqsEventSource(createPair(stack).queue));
        },
      },
      {
        when: 'what is reserved is a parameter',
        build: (stack) => {
          const reservedConcurrentExecutions = new CfnParameter(stack, 'Reserved', {
            type: 'Number',
          }).valueAsNumber;
          createWorker(stack, { reservedConcurrentExecutions }).addEventSource(
            new SqsEventSource(createPair(stack).queue),
          );
        },
      },
    ],
  },
  {
    rule: 'mapping-scaling',
    broken: [
      {
        when: 'a mapping is capped and has pollers',
        build: (stack) =>
          mapQueue(stack, {
            scalingConfig: { maximumConcurrency: 10 },
            provisionedPollerConfig: { minimumPollers: 2, maximumPollers: 10 },
          }),
        says: 'has MaximumConcurrency and ProvisionedPollerConfig, which exclude each other: the deployment fails',
      },
      {
        when: 'the cap is one',
        build: (stack) => mapQueue(stack, { scalingConfig: { maximumConcurrency: 1 } }),
        says: 'has MaximumConcurrency 1, Lambda takes 2 to 1000',
      },
      {
        when: 'there are too many pollers',
        build: (stack) => mapQueue(stack, { provisionedPollerConfig: { maximumPollers: 10_001 } }),
        says: 'has MaximumPollers 10001, Lambda takes 2 to 10000',
      },
    ],
    fine: [
      {
        when: 'there are as many pollers as the API takes',
        build: (stack) => mapQueue(stack, { provisionedPollerConfig: { maximumPollers: 10_000 } }),
      },
      {
        when: 'it has pollers',
        build: (stack) =>
          mapQueue(stack, { provisionedPollerConfig: { minimumPollers: 5, maximumPollers: 50 } }),
      },
      {
        when: 'the cap was taken away by an empty value',
        build: (stack) =>
          mapQueue(stack, { scalingConfig: {}, provisionedPollerConfig: { minimumPollers: 2 } }),
      },
    ],
  },
  {
    rule: 'mapping-batch',
    broken: [
      {
        when: 'a large batch has no window',
        build: (stack) => mapQueue(stack, { batchSize: 100 }),
        says: 'wants batches of 100 at once, and one receive brings 10: the deployment fails',
      },
      {
        when: 'a FIFO queue is to give 11',
        build: (stack) => mapQueue(stack, { batchSize: 11 }, new Queue(stack, 'Work', { fifo: true })),
        says: 'wants batches of 11 from FIFO queue Work, which gives 10',
      },
      {
        when: 'a FIFO queue has a window',
        build: (stack) =>
          mapQueue(stack, { maximumBatchingWindowInSeconds: 5 }, new Queue(stack, 'Work', { fifo: true })),
        says: 'waits 5 s to fill a batch of FIFO queue Work, which has no batching window',
      },
    ],
    fine: [
      {
        when: 'a large batch waits',
        build: (stack) => mapQueue(stack, { batchSize: 100, maximumBatchingWindowInSeconds: 1 }),
      },
      {
        when: 'the type of the queue is known at deployment only',
        build: (stack) => {
          const fifoQueue = new CfnParameter(stack, 'Fifo').valueAsString as unknown as boolean;
          const { attrArn } = new CfnQueue(stack, 'Work', { fifoQueue });
          mapQueue(stack, { eventSourceArn: attrArn, maximumBatchingWindowInSeconds: 5 });
        },
      },
    ],
  },
  {
    rule: 'recursive-loop',
    broken: [
      {
        when: 'a worker may feed itself for ever',
        build: (stack) => {
          createWorker(stack, { recursiveLoop: RecursiveLoop.ALLOW }).addEventSource(
            new SqsEventSource(createPair(stack).queue),
          );
        },
        says: 'works on a queue and may run in a loop',
      },
    ],
    fine: [
      {
        when: 'a function that works on no queue may loop',
        build: (stack) => createWorker(stack, { recursiveLoop: RecursiveLoop.ALLOW }),
      },
    ],
  },
  {
    rule: 'lambda-visibility',
    broken: [
      {
        when: 'the mapping names an alias of the function',
        build: (stack) => {
          const alias = createWorker(stack, { timeout: Duration.minutes(5) }).addAlias('live');
          alias.addEventSource(new SqsEventSource(createPair(stack).queue));
        },
        says: 'hides messages 30 s, but its function Worker may run 300 s',
      },
    ],
    fine: [],
  },
];
