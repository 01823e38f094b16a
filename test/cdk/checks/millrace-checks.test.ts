import type { App } from 'aws-cdk-lib';
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  FanoutTopic,
  MillraceChecks,
  WorkQueueWithDLQ,
  type MillraceChecksProps,
} from '../../../lib/cdk/index.js';
import { createApp, IssueOpened, refusalOf } from '../declarations.js';
import { warningsOf } from '../fargate-stage.js';
import { createWorker } from './cases-of-rule.js';
import { checkApp } from './check-app.js';

function setup(props?: MillraceChecksProps): {
  readonly app: App;
  readonly stack: Stack;
  /** Synthesizes, and returns what was printed. */
  readonly synth: () => string;
} {
  const app = createApp();
  Validations.of(app).addPlugins(new MillraceChecks(props));
  const stack = new Stack(app, 'Shop');
  const synth = (): string => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      app.synth();
      return printed.mock.calls.flat().join('\n');
    } finally {
      printed.mockRestore();
    }
  };
  return { app, stack, synth };
}

function subscribeFifoQueueToStandardTopic(stack: Stack): void {
  new Topic(stack, 'Topic').addSubscription(new SqsSubscription(new Queue(stack, 'Work', { fifo: true })));
}

describe('MillraceChecks as a plugin', () => {
  it('fails the synth on what can not work', () => {
    const { stack, synth } = setup();
    subscribeFifoQueueToStandardTopic(stack);
    expect(refusalOf(synth)).toContain('but this subscribes a FIFO queue to standard topic');
  });

  it('prints warnings with the path, the fix and the id to acknowledge, and lets the synth pass', () => {
    const { stack, synth } = setup();
    new Queue(stack, 'Work');
    const printed = synth();
    expect(printed).toContain('Every work queue has a dead-letter queue, but this has no dead-letter queue');
    expect(printed).toContain('Shop/Work');
    expect(printed).toContain('or use WorkQueueWithDLQ (https://docs.aws.amazon.com/');
    expect(printed).toContain("Acknowledge with 'Millrace::queue-dead-letters'");
  });

  it('says nothing of what was acknowledged', () => {
    const { stack, synth } = setup();
    const queue = new Queue(stack, 'Work', { enforceSSL: true });
    Validations.of(queue).acknowledge({
      id: 'Millrace::queue-dead-letters',
      reason: 'drained by hand',
    });
    expect(synth()).not.toContain('queue-dead-letters');
  });

  it('fails on warnings too when strict', () => {
    const { stack, synth } = setup({ strict: true });
    new Queue(stack, 'Work');
    expect(refusalOf(synth)).toContain('but this has no dead-letter queue');
  });

  it.each<[rule: string, warning: string, build: (stack: Stack) => void]>([
    [
      'mapping-concurrency',
      'millrace:WorkQueueWithDLQ.reservedConcurrency',
      (stack) => {
        const worker = createWorker(stack, { reservedConcurrentExecutions: 5 });
        new WorkQueueWithDLQ(stack, 'Builds').processWithLambda(worker, { maxConcurrency: 4 });
        new WorkQueueWithDLQ(stack, 'Reports').processWithLambda(worker, { maxConcurrency: 4 });
      },
    ],
    [
      'dead-letter-retention',
      'millrace:WorkQueueWithDLQ.retentionOrder',
      (stack) => {
        new WorkQueueWithDLQ(stack, 'Builds', { retentionPeriod: Duration.days(14) });
      },
    ],
  ])('leaves %s to the construct that warns of it, unless strict', (rule, warning, build) => {
    const app = createApp();
    build(new Stack(app, 'Shop'));
    expect(warningsOf(app)).toContain(warning);
    expect(checkApp(app).map((finding) => finding.rule)).not.toContain(rule);
    expect(checkApp(app, { strict: true }).map((finding) => finding.rule)).toContain(rule);
  });

  it('leaves out rules to skip', () => {
    const app = createApp();
    new Queue(new Stack(app, 'Shop'), 'Work');
    expect(checkApp(app, { skip: ['queue-tls'] }).map(({ rule }) => rule)).toEqual(['queue-dead-letters']);
  });

  it('tells all of one resource together, and once what two subscriptions have in common', () => {
    const app = createApp();
    const stack = new Stack(app, 'Shop');
    const queue = new Queue(stack, 'Work', { encryption: QueueEncryption.KMS_MANAGED });
    new Queue(stack, 'Other');
    for (const id of ['A', 'B']) {
      const { topicArn } = Topic.fromTopicArn(stack, id, `arn:aws:sns:eu-west-1:111111111111:${id}`);
      new CfnSubscription(stack, `${id}s`, { protocol: 'sqs', endpoint: queue.queueArn, topicArn });
    }
    expect(checkApp(app).map(({ rule }) => rule)).toEqual([
      ...['queue-dead-letters', 'queue-tls', 'subscription-policy', 'subscription-keys'],
      ...['queue-dead-letters', 'queue-tls'],
      ...['subscription-dead-letters', 'subscription-dead-letters'],
    ]);
  });

  it.each(['weak', 'strong'])('follows %s references between stacks', (references) => {
    const app = createApp({
      '@aws-cdk/core:defaultCrossStackReferences': references,
    });
    const topic = new FanoutTopic(new Stack(app, 'Topics', { stackName: 'company-topics' }), 'Events', {
      messages: [IssueOpened],
    });
    const queues = new Stack(app, 'Queues');
    topic.fanOutTo(new WorkQueueWithDLQ(queues, 'Builds', { fifo: false }));
    const foreign = new Topic(new Stack(app, 'Foreign'), 'Topic');
    foreign.addSubscription(new SqsSubscription(new Queue(queues, 'Fifo', { fifo: true })));
    const errors = checkApp(app).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ words }) => words)).toEqual([
      expect.stringContaining('subscribes a FIFO queue to standard topic Topic'),
    ]);
  });

  it('rejects rules and options that do not exist', () => {
    const props = {
      skip: ['queue-tsl'],
      strickt: true,
    } as unknown as MillraceChecksProps;
    const refusal = refusalOf(() => new MillraceChecks(props));
    expect(refusal).toContain("'strickt' is no option: did you mean 'strict'?");
    expect(refusal).toContain("got 'queue-tsl': did you mean 'queue-tls'?");
  });
});
