import type { Stack } from 'aws-cdk-lib';
import { CfnParameter, Duration, Token } from 'aws-cdk-lib';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { CfnQueue, Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { createWorker, HOME, letIn, letTopicsIn, stackBeside, subscribeByHand } from './foreign-resources.js';
import type { CasesOfRule } from './cases-of-rule.js';

const ELSEWHERE = 'arn:aws:sqs:eu-west-1:222222222222:dead';

const asNumber = (stack: Stack): number =>
  Token.asNumber(new CfnParameter(stack, 'Parameter', { type: 'Number' }).value);

const lettingIn = (queue: Queue, account: string): Queue => {
  queue.addToResourcePolicy(
    new PolicyStatement({
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      principals: [new AccountPrincipal(account)],
    }),
  );
  return queue;
};

const listing = (...sourceQueueArns: readonly string[]): object => ({
  redrivePermission: 'byQueue',
  sourceQueueArns,
});

/** Cases of the rules on queues. Their stacks are of account 111111111111 in eu-west-1. */
export const QUEUE_CASES: readonly CasesOfRule[] = [
  {
    rule: 'queue-encryption',
    broken: [
      {
        when: 'an L2 turns it off',
        build: (stack) => new Queue(stack, 'Work', { encryption: QueueEncryption.UNENCRYPTED }),
        says: 'keeps messages unencrypted',
      },
      {
        when: 'an L1 turns it off as text',
        build: (stack) => new CfnQueue(stack, 'Work').addPropertyOverride('SqsManagedSseEnabled', 'false'),
        says: 'keeps messages unencrypted',
      },
    ],
    fine: [
      { when: 'nothing is said: SSE-SQS is the default', build: (stack) => new CfnQueue(stack, 'Work') },
      {
        when: 'a key takes its place',
        build: (stack) =>
          new CfnQueue(stack, 'Work', { sqsManagedSseEnabled: false, kmsMasterKeyId: 'alias/mine' }),
      },
      {
        when: 'only the deployment knows',
        build: (stack) =>
          new CfnQueue(stack, 'Work').addPropertyOverride('SqsManagedSseEnabled', { Ref: 'AWS::NoValue' }),
      },
    ],
  },
  {
    rule: 'dead-letter-place',
    broken: [
      {
        when: 'a queue dies into another account',
        needsPlace: true,
        build: (stack) =>
          new CfnQueue(stack, 'Work', {
            redrivePolicy: { deadLetterTargetArn: ELSEWHERE, maxReceiveCount: 5 },
          }),
        says: 'is in account 111111111111, eu-west-1, its dead-letter queue in account 222222222222, eu-west-1',
        fix: 'make a dead-letter queue beside it',
      },
      {
        when: 'a queue dies into another Region, by reference',
        needsPlace: true,
        build: (stack) => {
          const far = stackBeside(stack, 'Far', { env: { ...HOME, region: 'us-east-1' } });
          const queue = new Queue(far, 'Dead', { queueName: 'dead' });
          new Queue(stack, 'Work', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
        },
        says: 'its dead-letter queue in account 111111111111, us-east-1',
      },
      {
        when: 'a subscription dies beside its queue, not beside its topic',
        needsPlace: true,
        build: (stack) => {
          const { queueArn: endpoint } = new Queue(stack, 'Work');
          const { queueArn: deadLetterTargetArn } = new Queue(stack, 'Dead');
          subscribeByHand(stack, {
            topicArn: 'arn:aws:sns:us-east-1:111111111111:events',
            region: 'us-east-1',
            endpoint,
            redrivePolicy: { deadLetterTargetArn },
          });
        },
        says: 'is in account 111111111111, us-east-1, as its topic is, and its dead-letter queue in account 111111111111, eu-west-1',
      },
    ],
    fine: [
      {
        when: 'an imported one is in the same place',
        build: (stack) => {
          const queue = Queue.fromQueueArn(stack, 'Dead', 'arn:aws:sqs:eu-west-1:111111111111:dead');
          new Queue(stack, 'Work', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
        },
      },
      {
        when: 'the app does not say where it goes',
        build: (stack) =>
          new CfnQueue(stackBeside(stack, 'Anywhere', {}), 'Work', {
            redrivePolicy: { deadLetterTargetArn: ELSEWHERE, maxReceiveCount: 5 },
          }),
      },
    ],
  },
  {
    rule: 'redrive-allow',
    broken: [
      {
        when: 'the dead-letter queue is closed',
        build: (stack) => {
          const redriveAllowPolicy = { redrivePermission: RedrivePermission.DENY_ALL };
          const queue = new Queue(stack, 'Dead', { redriveAllowPolicy });
          new Queue(stack, 'Work', { deadLetterQueue: { queue, maxReceiveCount: 5 } });
        },
        says: "is the dead-letter queue of Work, and refuses to be anybody's",
        fix: '{"redrivePermission":"allowAll"}',
      },
      {
        when: 'its list is empty',
        build: (stack) => new CfnQueue(stack, 'Dead', { redriveAllowPolicy: listing() }),
        says: 'lets in only the queues it lists, and lists none',
      },
      {
        when: 'its list is too long',
        build: (stack) => {
          const arns = Array.from({ length: 11 }, (_, index) => `${ELSEWHERE}${index}`);
          new CfnQueue(stack, 'Dead', { redriveAllowPolicy: listing(...arns) });
        },
        says: 'lists 11 queues, SQS takes 10',
      },
      {
        when: 'its list is of others, in another stack',
        needsPlace: true,
        build: (stack) => {
          const deadLetters = stackBeside(stack, 'Letters');
          const dead = new CfnQueue(deadLetters, 'Dead', { redriveAllowPolicy: listing(ELSEWHERE) });
          new CfnQueue(stack, 'Work', {
            redrivePolicy: { deadLetterTargetArn: dead.attrArn, maxReceiveCount: 5 },
          });
        },
        says: 'is the dead-letter queue of Work, and its list leaves that one out',
        fix: '"sourceQueueArns":["<ARN of Work in Shop>"]',
      },
    ],
    fine: [
      {
        when: 'it lists its queue by the ARN of its name',
        build: (stack) => {
          const dead = new CfnQueue(stack, 'Dead', {
            redriveAllowPolicy: listing('arn:aws:sqs:eu-west-1:111111111111:work'),
          });
          new CfnQueue(stack, 'Work', {
            queueName: 'work',
            redrivePolicy: { deadLetterTargetArn: dead.attrArn, maxReceiveCount: 5 },
          });
        },
      },
      {
        when: 'only the deployment knows whom it lists',
        build: (stack) => {
          const { valueAsString } = new CfnParameter(stack, 'Source');
          const dead = new CfnQueue(stack, 'Dead', { redriveAllowPolicy: listing(valueAsString) });
          new CfnQueue(stack, 'Work', {
            redrivePolicy: { deadLetterTargetArn: dead.attrArn, maxReceiveCount: 5 },
          });
        },
      },
    ],
  },
  {
    rule: 'single-receive',
    broken: [
      {
        when: 'the first failure is the last',
        build: (stack) =>
          new CfnQueue(stack, 'Work').addPropertyOverride(
            'RedrivePolicy',
            JSON.stringify({ deadLetterTargetArn: ELSEWHERE, maxReceiveCount: 1 }),
          ),
        says: 'gives up after 1 receive',
      },
    ],
    fine: [
      {
        when: 'a function works on it, and lambda-receives speaks',
        build: (stack) => {
          const deadLetterQueue = { queue: new Queue(stack, 'Dead'), maxReceiveCount: 1 };
          createWorker(stack).addEventSource(
            new SqsEventSource(new Queue(stack, 'Work', { deadLetterQueue })),
          );
        },
      },
      {
        when: 'only the deployment knows the count',
        build: (stack) => {
          const deadLetterQueue = { queue: new Queue(stack, 'Dead'), maxReceiveCount: asNumber(stack) };
          new Queue(stack, 'Work', { deadLetterQueue });
        },
      },
    ],
  },
  {
    rule: 'queue-visibility',
    broken: [
      {
        when: 'nothing is hidden',
        build: (stack) => new Queue(stack, 'Work', { visibilityTimeout: Duration.seconds(0) }),
        says: 'hides messages 0 s',
      },
    ],
    fine: [
      {
        when: 'only the deployment knows how long',
        build: (stack) => new Queue(stack, 'Work', { visibilityTimeout: Duration.seconds(asNumber(stack)) }),
      },
      { when: 'nothing is said: 30 s', build: (stack) => new CfnQueue(stack, 'Work') },
    ],
  },
  {
    rule: 'fifo-name',
    broken: [
      {
        when: 'a FIFO queue has a plain name',
        build: (stack) => new CfnQueue(stack, 'Work', { fifoQueue: true, queueName: 'work' }),
        says: 'is FIFO, and its name is work',
        fix: 'name it work.fifo',
      },
      {
        when: 'a standard topic has the name of a FIFO one',
        build: (stack) => new CfnTopic(stack, 'Topic', { topicName: 'events.fifo' }),
        says: 'is standard, and its name is events.fifo',
        fix: 'or set FifoTopic: true',
      },
    ],
    fine: [
      {
        when: 'aws-cdk-lib makes the names',
        build: (stack) => {
          new Queue(stack, 'Work', { fifo: true, queueName: 'work.fifo' });
          new Topic(stack, 'Topic', { fifo: true });
        },
      },
      {
        when: 'only the deployment knows the name',
        build: (stack) =>
          new CfnQueue(stack, 'Work', {
            fifoQueue: true,
            queueName: new CfnParameter(stack, 'Name').valueAsString,
          }),
      },
    ],
  },
  {
    rule: 'account-keys',
    broken: [
      {
        when: 'the key is the one AWS manages',
        needsPlace: true,
        build: (stack) =>
          lettingIn(new Queue(stack, 'Work', { encryption: QueueEncryption.KMS_MANAGED }), '222222222222'),
        says: 'lets account 222222222222 in and is encrypted with alias/aws/sqs',
        fix: 'SSE-SQS',
      },
      {
        when: 'the key knows only its own account',
        needsPlace: true,
        build: (stack) => {
          const encryptionMasterKey = new Key(stack, 'Key');
          lettingIn(new Queue(stack, 'Work', { encryptionMasterKey }), '222222222222');
        },
        says: 'lets account 222222222222 in and is encrypted with Key, whose policy does not',
        fix: ':iam::222222222222:root',
      },
    ],
    fine: [
      {
        when: 'the key lets it in too',
        build: (stack) => {
          const encryptionMasterKey = new Key(stack, 'Key');
          encryptionMasterKey.grantEncryptDecrypt(new AccountPrincipal('222222222222'));
          lettingIn(new Queue(stack, 'Work', { encryptionMasterKey }), '222222222222');
        },
      },
      {
        when: 'it is the own account',
        build: (stack) =>
          lettingIn(new Queue(stack, 'Work', { encryption: QueueEncryption.KMS_MANAGED }), '111111111111'),
      },
      {
        when: 'the key is of another app',
        build: (stack) => {
          const arn = 'arn:aws:kms:eu-west-1:111111111111:key/12345678';
          const encryptionMasterKey = Key.fromKeyArn(stack, 'Key', arn);
          lettingIn(new Queue(stack, 'Work', { encryptionMasterKey }), '222222222222');
        },
      },
    ],
  },
  {
    rule: 'policy-size',
    broken: [
      {
        when: 'every topic has a statement of its own (template trap 14)',
        build: (stack) => letTopicsIn(new Queue(stack, 'Work'), 21),
        says: 'has a policy of 21 statements, SQS takes 20',
        fix: 'a list of ARNs',
      },
      {
        when: 'one statement lists too much',
        build: (stack) => {
          const topics = Array.from({ length: 300 }, (_, index) => `arn:aws:sns:eu-west-1:1:topic-${index}`);
          letIn(new Queue(stack, 'Work'), { ArnEquals: { 'aws:SourceArn': topics } });
        },
        says: 'bytes at least, SQS takes 8192',
      },
    ],
    fine: [
      { when: 'there are twenty', build: (stack) => letTopicsIn(new Queue(stack, 'Work'), 20) },
      {
        when: 'the queue is of another app',
        build: (stack) => letTopicsIn(Queue.fromQueueArn(stack, 'Work', ELSEWHERE), 21),
      },
    ],
  },
];
