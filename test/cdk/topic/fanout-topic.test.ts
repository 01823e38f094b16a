import { Duration, Fn, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import {
  SubscriptionFilter,
  SubscriptionProtocol,
  type ITopicSubscription,
  type TopicSubscriptionConfig,
} from 'aws-cdk-lib/aws-sns';
import {
  EmailSubscription,
  LambdaSubscription,
  SmsSubscription,
  SqsSubscription,
  UrlSubscription,
} from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { defineMessage } from '../../../lib/contract/index.js';
import {
  FanoutTopic,
  WorkQueueWithDLQ,
  type FanoutTopicProps,
  type FanOutOptions,
  type SubscriptionOptions,
} from '../../../lib/cdk/index.js';
import {
  CommitSeen,
  createApp,
  createStack,
  IssueOpened,
  propertiesOf,
  PushReceived,
  refusalOf,
  resourcesOf,
  rightsOf,
} from '../declarations.js';

type Events = typeof PushReceived | typeof IssueOpened;

function setup(): {
  readonly stack: Stack;
  readonly topic: FanoutTopic<Events>;
  readonly queue: WorkQueueWithDLQ;
} {
  const stack = createStack();
  const topic = new FanoutTopic(stack, 'Events', {
    messages: [PushReceived, IssueOpened],
  });
  return { stack, topic, queue: new WorkQueueWithDLQ(stack, 'Builds') };
}

function setupFifo(): {
  readonly stack: Stack;
  readonly topic: FanoutTopic<typeof CommitSeen>;
} {
  const stack = createStack();
  return {
    stack,
    topic: new FanoutTopic(stack, 'Commits', {
      messages: [CommitSeen],
      fifo: true,
    }),
  };
}

const subscription = (stack: Stack): Readonly<Record<string, unknown>> =>
  propertiesOf(stack, 'AWS::SNS::Subscription', 'BuildsFromEvents');

describe('FanoutTopic', () => {
  it('takes TLS only, and gives the account back what the default policy gave', () => {
    const { PolicyDocument } = propertiesOf(setup().stack, 'AWS::SNS::TopicPolicy', 'EventsPolicy') as {
      PolicyDocument: { Statement: Record<string, unknown>[] };
    };
    expect(PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sns:Publish',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      expect.objectContaining({
        Effect: 'Allow',
        Sid: 'OwnerUsesTopic',
        Action: expect.arrayContaining(['sns:Publish', 'sns:Subscribe']) as unknown,
      }),
    ]);
  });

  it('is FIFO with limits per message group', () => {
    const { stack, topic } = setupFifo();
    expect(propertiesOf(stack, 'AWS::SNS::Topic', 'Commits')).toMatchObject({
      FifoTopic: true,
      FifoThroughputScope: 'MessageGroup',
      ContentBasedDeduplication: false,
    });
    expect(topic.binding.contentBasedDeduplication).toBe(false);
  });

  it('takes messages up to 1 MiB on request', () => {
    const stack = createStack();
    const topic = new FanoutTopic(stack, 'Events', {
      messages: [IssueOpened],
      maxMessageSize: Size.mebibytes(1),
    });
    expect(propertiesOf(stack, 'AWS::SNS::Topic', 'Events')).toMatchObject({
      MaximumMessageSize: 1_048_576,
    });
    expect(topic.binding.maxMessageBytes).toBe(1_048_576);
  });

  it('rings when a delivery failed, and when it is lost altogether', () => {
    const { stack } = setup();
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'EventsFailedDeliveryAlarm')).toMatchObject({
      MetricName: 'NumberOfNotificationsFailed',
      Statistic: 'Sum',
      Threshold: 1,
    });
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'EventsLostDeliveryAlarm')).toMatchObject({
      MetricName: 'NumberOfNotificationsFailedToRedriveToDlq',
    });
  });

  it('lets a publisher publish', () => {
    const { stack, topic } = setup();
    const role = new Role(stack, 'Role', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
    topic.grantPublish(role).assertSuccess();
    expect(rightsOf(stack)).toEqual(['sns:Publish on <Events>']);
  });

  it.each([
    ['two of one name', { messages: [IssueOpened, IssueOpened] }, "names the message 'github.issues' twice"],
    ['no message at all', { messages: [] }, 'messages must name at least one message'],
    [
      'what is no message',
      { messages: ['github.push'] },
      'messages must hold only what defineMessage() made',
    ],
    ['no list', {}, 'messages must be a list'],
    [
      'FIFO without groups',
      { messages: [IssueOpened], fifo: true },
      "message 'github.issues' declares no group",
    ],
    [
      'FIFO props on a standard topic',
      { messages: [IssueOpened], highThroughput: true },
      'highThroughput is for FIFO topics',
    ],
    [
      'deduplication on a standard topic',
      { messages: [IssueOpened], contentBasedDeduplication: true },
      'is for FIFO topics',
    ],
    [
      'a size out of range',
      { messages: [IssueOpened], maxMessageSize: Size.bytes(100) },
      'maxMessageSize must be 1 KiB to 1 MiB, got 100 bytes',
    ],
    ['a misspelt prop', { messages: [IssueOpened], mesages: [] }, "did you mean 'messages'?"],
  ])('rejects %s', (_, props, words) => {
    const refusal = refusalOf(
      () => new FanoutTopic(createStack(), 'Events', props as unknown as FanoutTopicProps),
    );
    expect(refusal).toContain("FanoutTopic at 'Shop/Events' can't be built");
    expect(refusal).toContain(words);
  });
});

describe('fanOutTo', () => {
  it('filters on the message names and on attributes, and says the scope', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue, {
      messages: [PushReceived],
      where: {
        branch: ['main', 'next'],
        size: SubscriptionFilter.numericFilter({ greaterThan: 5 }),
      },
    });
    expect(subscription(stack)).toMatchObject({
      FilterPolicy: {
        'millrace-type': ['github.push'],
        branch: ['main', 'next'],
        size: [{ numeric: ['>', 5] }],
      },
      FilterPolicyScope: 'MessageAttributes',
    });
  });

  it('delivers raw and everything when nothing is said', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue);
    expect(subscription(stack)).toMatchObject({
      RawMessageDelivery: true,
      Protocol: 'sqs',
    });
    expect(subscription(stack)).not.toHaveProperty('FilterPolicy');
    expect(queue.binding.messages.map(({ name }) => name)).toEqual(['github.issues', 'github.push']);
  });

  it('keeps failed deliveries in a queue of their own, which SNS may send to', () => {
    const { stack, topic, queue } = setup();
    const { deadLetterQueue } = topic.fanOutTo(queue);
    const id = stack.getLogicalId(deadLetterQueue.node.defaultChild as never);
    expect(subscription(stack)).toMatchObject({
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [id, 'Arn'] } },
    });
    expect(resourcesOf(stack)[id]?.Properties).toMatchObject({
      MessageRetentionPeriod: 1_209_600,
    });
    expect(sendersOf(stack, id)).toEqual([
      expect.objectContaining({ Principal: { Service: 'sns.amazonaws.com' } }),
    ]);
  });

  it('lets the topic send to the queue, that topic alone, before the subscription is made', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue);
    const [policyId] = Object.entries(resourcesOf(stack)).find(([id]) => id.startsWith('BuildsPolicy')) ?? [];
    const [, made] =
      Object.entries(resourcesOf(stack)).find(([, { Type }]) => Type === 'AWS::SNS::Subscription') ?? [];
    expect(sendersOf(stack, stack.getLogicalId(queue.queue.node.defaultChild as never))).toEqual([
      expect.objectContaining({
        Condition: {
          ArnEquals: {
            'aws:SourceArn': {
              Ref: expect.stringMatching(/^Events/) as unknown,
            },
          },
        },
      }),
    ]);
    expect(made?.DependsOn).toEqual([policyId]);
  });

  it('makes the dead-letter queue of a FIFO subscription FIFO', () => {
    const { stack, topic } = setupFifo();
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Audit', { fifo: true }));
    expect(propertiesOf(stack, 'AWS::SQS::Queue', 'AuditFromCommitsDeadLetterQueue')).toMatchObject({
      FifoQueue: true,
    });
  });

  it('lets a FIFO topic deliver to a standard queue', () => {
    const { stack, topic } = setupFifo();
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Audit'));
    expect(propertiesOf(stack, 'AWS::SQS::Queue', 'AuditFromCommitsDeadLetterQueue')).not.toHaveProperty(
      'FifoQueue',
    );
  });

  it('lets SNS use the key of an encrypted queue and of its dead letters', () => {
    const { stack, topic } = setup();
    const queueKey = new Key(stack, 'QueueKey');
    const deadKey = new Key(stack, 'DeadKey');
    const deadLetterQueue = new Queue(stack, 'Dead', {
      encryptionMasterKey: deadKey,
      encryption: QueueEncryption.KMS,
    });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Orders', { encryptionKey: queueKey }), { deadLetterQueue });
    for (const id of ['QueueKey', 'DeadKey']) {
      expect(propertiesOf(stack, 'AWS::KMS::Key', id)).toMatchObject({
        KeyPolicy: {
          Statement: expect.arrayContaining([
            expect.objectContaining({
              Principal: { Service: 'sns.amazonaws.com' },
              Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            }),
          ]) as unknown,
        },
      });
    }
  });

  it('subscribes a plain queue beside that queue', () => {
    const { stack, topic } = setup();
    topic.fanOutTo(new Queue(stack, 'Plain'));
    expect(propertiesOf(stack, 'AWS::SNS::Subscription', 'PlainFromEvents')).toBeDefined();
  });

  it.each(['weak', 'strong'])(
    'works across stacks with %s references, from the queue to the topic only',
    (references) => {
      const app = createApp({
        '@aws-cdk/core:defaultCrossStackReferences': references,
      });
      const topic = new FanoutTopic(new Stack(app, 'Topics'), 'Events', {
        messages: [IssueOpened],
      });
      const queues = new Stack(app, 'Queues');
      topic.fanOutTo(new WorkQueueWithDLQ(queues, 'Builds'));
      app.synth();
      expect(subscription(queues)['TopicArn']).toHaveProperty(
        references === 'weak' ? 'Fn::GetStackOutput' : 'Fn::ImportValue',
      );
      expect(queues.dependencies.map(({ node }) => node.id)).toEqual(['Topics']);
    },
  );

  it('offers only attributes that all chosen messages declare', () => {
    const { topic, queue } = setup();
    type Where = FanOutOptions<typeof PushReceived>['where'];
    const right: Where = { branch: ['main'] };
    // @ts-expect-error 'colour' is declared by no message
    const misspelt: Where = { colour: ['red'] };
    // @ts-expect-error size is a number
    const mistyped: Where = { size: ['5'] };
    expect([right, misspelt, mistyped]).toHaveLength(3);
    const foreign = { messages: [CommitSeen] };
    // @ts-expect-error the topic does not carry this one
    const subscribe = (): unknown => topic.fanOutTo(queue, foreign);
    expect(refusalOf(subscribe)).toContain("'github.commit' is not carried by this topic");
  });
});

describe('fanOutTo an imported queue', () => {
  function foreign(stack: Stack): IQueue {
    return Queue.fromQueueAttributes(stack, 'Foreign', {
      queueArn: 'arn:aws:sqs:eu-west-1:111111111111:foreign',
      keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1',
    });
  }

  it('warns with the very statements its policy and its key need', () => {
    const { stack, topic } = setup();
    topic.fanOutTo(foreign(stack));
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('is imported'));
    const words = warnings
      .map(({ entry }) => (typeof entry.data === 'string' ? entry.data : '').replace(/Events\w{8}/, 'Events'))
      .join('\n');
    expect(words).toContain(
      '{"Action":"sqs:SendMessage","Condition":{"ArnEquals":{"aws:SourceArn":{"Ref":"Events"}}},"Effect":"Allow",' +
        '"Principal":{"Service":"sns.amazonaws.com"},"Resource":"arn:aws:sqs:eu-west-1:111111111111:foreign"}',
    );
    expect(words).toContain('"Action":["kms:Decrypt","kms:GenerateDataKey"]');
  });

  it('keeps failed deliveries in a queue of this app', () => {
    const { stack, topic } = setup();
    const { deadLetterQueue } = topic.fanOutTo(foreign(stack));
    expect(resourcesOf(stack)[stack.getLogicalId(deadLetterQueue.node.defaultChild as never)]?.Type).toBe(
      'AWS::SQS::Queue',
    );
  });

  it('warns of an imported dead-letter queue too', () => {
    const { stack, topic, queue } = setup();
    const { queueArn } = foreign(stack);
    topic.fanOutTo(queue, {
      deadLetterQueue: Queue.fromQueueArn(stack, 'ForeignDead', queueArn),
    });
    const warnings = Annotations.fromStack(stack).findWarning(
      '*',
      Match.stringLikeRegexp("'Shop/ForeignDead' is imported"),
    );
    expect(warnings).toHaveLength(1);
  });
});

describe('addSubscription', () => {
  function createFunction(stack: Stack): LambdaFunction {
    return new LambdaFunction(stack, 'Worker', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => undefined'),
    });
  }

  it('delivers to a function, filtered, with a dead-letter queue and its own id', () => {
    const { stack, topic } = setup();
    topic.addSubscription(new LambdaSubscription(createFunction(stack)), {
      messages: [IssueOpened],
    });
    expect(propertiesOf(stack, 'AWS::SNS::Subscription', 'WorkerFromEvents')).toMatchObject({
      Protocol: 'lambda',
      FilterPolicy: { 'millrace-type': ['github.issues'] },
      FilterPolicyScope: 'MessageAttributes',
      RedrivePolicy: { deadLetterTargetArn: expect.anything() as unknown },
    });
  });

  it('rejects a dead-letter queue that would be in another Region than the topic', () => {
    const stack = createStack({ env: { account: '222222222222', region: 'eu-central-1' } });
    const topic = FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', {
      topicArn: 'arn:aws:sns:eu-west-1:111111111111:events',
      messages: [IssueOpened],
    });
    const subscription = new LambdaSubscription(createFunction(stack));
    expect(refusalOf(() => topic.addSubscription(subscription))).toContain(
      "deadLetterQueue must be in the topic's Region eu-west-1, where the subscription is, got none, and one made beside the subscriber would be in eu-central-1",
    );
  });

  it('delivers to addresses, under the topic', () => {
    const { stack, topic } = setup();
    topic.addSubscription(new EmailSubscription('ops@example.com'));
    topic.addSubscription(
      new UrlSubscription('https://example.com/hook', {
        rawMessageDelivery: true,
      }),
    );
    const made = Object.values(resourcesOf(stack)).filter(({ Type }) => Type === 'AWS::SNS::Subscription');
    expect(made.map(({ Properties }) => [Properties?.['Protocol'], Properties?.['Endpoint']])).toEqual([
      ['email', 'ops@example.com'],
      ['https', 'https://example.com/hook'],
    ]);
    expect(topic.subscriptions.map(({ endpoint }) => endpoint)).toEqual([
      'ops@example.com',
      'https://example.com/hook',
    ]);
  });

  it('delivers by every other protocol there is, each with a dead-letter queue', () => {
    const { stack, topic } = setup();
    const phone = 'arn:aws:sns:eu-west-1:111111111111:endpoint/APNS/shop/phone';
    const role = new Role(stack, 'Delivery', { assumedBy: new ServicePrincipal('sns.amazonaws.com') });
    topic.addSubscription(new SmsSubscription('+12025550123'));
    topic.addSubscription(
      new UrlSubscription('https://example.com/slow', {
        deliveryPolicy: {
          healthyRetryPolicy: {
            numRetries: 10,
            minDelayTarget: Duration.seconds(20),
            maxDelayTarget: Duration.seconds(60),
          },
        },
      }),
    );
    const bind = (config: Omit<TopicSubscriptionConfig, 'subscriberId'>): ITopicSubscription => ({
      bind: () => ({ subscriberId: config.protocol, ...config }),
    });
    topic.addSubscription(bind({ protocol: SubscriptionProtocol.APPLICATION, endpoint: phone }));
    const deliveryStream = 'arn:aws:firehose:eu-west-1:111111111111:deliverystream/events';
    topic.addSubscription(
      bind({
        protocol: SubscriptionProtocol.FIREHOSE,
        endpoint: deliveryStream,
        subscriptionRoleArn: role.roleArn,
        rawMessageDelivery: true,
      }),
    );
    const made = Object.values(resourcesOf(stack))
      .filter(({ Type }) => Type === 'AWS::SNS::Subscription')
      .map(({ Properties }) => Properties ?? {});
    expect(made.map(({ Protocol }) => Protocol)).toEqual(['sms', 'https', 'application', 'firehose']);
    expect(made.every(({ RedrivePolicy }) => RedrivePolicy !== undefined)).toBe(true);
    expect(made[1]?.['DeliveryPolicy']).toEqual({
      healthyRetryPolicy: { numRetries: 10, minDelayTarget: 20, maxDelayTarget: 60 },
    });
    expect(made[3]).toMatchObject({ Endpoint: deliveryStream, RawMessageDelivery: true });
    expect(made[3]).toHaveProperty('SubscriptionRoleArn');
  });

  it('rejects every violation at once', () => {
    const { topic } = setup();
    topic.addSubscription(new EmailSubscription('ops@example.com'));
    const filterPolicy = { a: SubscriptionFilter.existsFilter() };
    const options = {
      messages: [],
      raw: true,
    } as unknown as SubscriptionOptions<Events>;
    expect(
      refusalOf(() =>
        topic.addSubscription(new EmailSubscription('ops@example.com', { filterPolicy }), options),
      ),
    ).toMatchInlineSnapshot(`
     "addSubscription of topic 'Shop/Events' can't be used:
       - 'raw' is no option: known options are deadLetterQueue, id, messages, removalPolicy, where
       - filterPolicy of the subscription class is not used here: say messages and where
       - this endpoint is subscribed already, and SNS keeps one subscription per topic and endpoint: name all messages in one addSubscription
       - messages is an empty list and would match nothing: leave it out to get all"
    `);
  });

  it.each([
    [
      'a queue, which fanOutTo takes',
      (stack: Stack) => new SqsSubscription(new Queue(stack, 'Q')),
      'subscribed with fanOutTo',
    ],
    ['plain http', () => new UrlSubscription('http://example.com'), 'use an https address'],
  ])('rejects %s', (_, create, words) => {
    const { stack, topic } = setup();
    expect(refusalOf(() => topic.addSubscription(create(stack)))).toContain(words);
  });

  it('rejects all but queues on a FIFO topic, and on a topic of large messages what can not take them', () => {
    const { topic } = setupFifo();
    expect(refusalOf(() => topic.addSubscription(new EmailSubscription('a@example.com')))).toContain(
      'delivers to SQS queues only, got email',
    );
    const large = new FanoutTopic(createStack(), 'Large', {
      messages: [IssueOpened],
      maxMessageSize: Size.mebibytes(1),
    });
    expect(refusalOf(() => large.addSubscription(new EmailSubscription('a@example.com')))).toContain(
      'over 256 KiB delivers to queues, functions and Firehose only',
    );
  });

  it('asks for an id where the address is a token', () => {
    const { topic } = setup();
    const address = Fn.importValue('Hook');
    const subscription = new UrlSubscription(address, {
      protocol: SubscriptionProtocol.HTTPS,
    });
    expect(refusalOf(() => topic.addSubscription(subscription))).toContain('id must be given');
    expect(topic.addSubscription(subscription, { id: 'Hook' }).node.id).toBe('Hook');
  });
});

describe('fanOutTo rejects', () => {
  it('a FIFO queue behind a standard topic', () => {
    const { stack, topic } = setup();
    const fifo = new WorkQueueWithDLQ(stack, 'Fifo', { fifo: true });
    expect(refusalOf(() => topic.fanOutTo(fifo))).toContain("a standard topic can't deliver to a FIFO queue");
  });

  it('two ways to read a body in one queue', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue);
    const other = new FanoutTopic(stack, 'Other', { messages: [CommitSeen] });
    expect(refusalOf(() => other.fanOutTo(queue, { raw: false }))).toContain(
      "Shop/Events delivers 'raw', this one would deliver 'sns-envelope'",
    );
  });

  it('two versions of one message in one queue', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue);
    const next = defineMessage('github.issues', {
      schema: IssueOpened.schema,
      id: () => '1',
      version: 2,
    });
    const other = new FanoutTopic(stack, 'Other', { messages: [next] });
    expect(refusalOf(() => other.fanOutTo(queue))).toContain(
      "message 'github.issues' reaches this queue in version 1 already, got version 2",
    );
  });

  it('a condition that no copy of a chosen message could meet', () => {
    const { topic, queue } = setup();
    const options = { where: { branch: ['main'] } } as FanOutOptions<Events>;
    expect(refusalOf(() => topic.fanOutTo(queue, options))).toContain(
      "message 'github.issues' declares no attributes",
    );
  });

  it('a queue with the key AWS manages', () => {
    const { stack, topic } = setup();
    const queue = new Queue(stack, 'Managed', {
      encryption: QueueEncryption.KMS_MANAGED,
    });
    expect(refusalOf(() => topic.fanOutTo(queue))).toContain('use SSE-SQS or a customer managed key');
  });

  it('a dead-letter queue of the other type', () => {
    const { stack, topic, queue } = setup();
    const deadLetterQueue = new Queue(stack, 'Dead', { fifo: true });
    expect(refusalOf(() => topic.fanOutTo(queue, { deadLetterQueue }))).toContain(
      'deadLetterQueue must be standard',
    );
  });

  it('what is no queue', () => {
    const { stack, topic } = setup();
    expect(refusalOf(() => topic.fanOutTo(stack as unknown as IQueue))).toContain(
      'fanOutTo takes a WorkQueueWithDLQ or a queue',
    );
    expect(refusalOf(() => topic.fanOutTo('Builds' as unknown as IQueue))).toContain("got 'Builds'");
  });

  it('filters beyond what SNS takes, and options that do not exist, all at once', () => {
    const stack = createStack();
    const Wide = defineMessage('wide', {
      schema: IssueOpened.schema,
      id: () => '1',
      attributes: (): Record<'a' | 'b' | 'c' | 'd' | 'e', string> => ({
        a: '',
        b: '',
        c: '',
        d: '',
        e: '',
      }),
    });
    const topic = new FanoutTopic(stack, 'Events', { messages: [Wide] });
    const queue = new WorkQueueWithDLQ(stack, 'Builds');
    const many = Array.from({ length: 13 }, (_, index) => `v${index}`);
    const options = {
      messages: [Wide],
      where: { a: many, b: many, c: ['x'], d: ['x'], e: ['x'] },
      rawDelivery: true,
    };
    const refusal = refusalOf(() => topic.fanOutTo(queue, options));
    expect(refusal).toContain("'rawDelivery' is no option");
    expect(refusal).toContain('a filter of 6 keys');
    expect(refusal).toContain('169 combinations');
  });

  it('values that SNS can not compare', () => {
    const { topic, queue } = setup();
    const where = { branch: [], size: [2e9], 'millrace-type': ['x'], wrong: 5 };
    const options = {
      messages: [PushReceived],
      where,
    } as unknown as FanOutOptions<typeof PushReceived>;
    expect(refusalOf(() => topic.fanOutTo(queue, options))).toMatchInlineSnapshot(`
     "fanOutTo of topic 'Shop/Events' can't be used:
       - where.branch is an empty list and would match nothing: leave it out to match all
       - where.size must hold texts or numbers from -10^9 to 10^9, got 2000000000
       - where names 'millrace-type', which is no attribute a message can declare
       - where.wrong must be a list of values or a SubscriptionFilter, got 5"
    `);
  });

  it('a 101st subscription of a FIFO topic', () => {
    const { stack, topic } = setupFifo();
    const subscribe = (id: string): unknown => topic.fanOutTo(new Queue(stack, id), { raw: true });
    for (let index = 0; index < 100; index += 1) subscribe(`Q${index}`);
    expect(refusalOf(() => subscribe('Q100'))).toContain('a FIFO topic takes 100 subscriptions');
  });
});

/** Statements that allow sending to one queue. */
function sendersOf(stack: Stack, queueId: string): unknown[] {
  const policies = Template.fromStack(stack).findResources('AWS::SQS::QueuePolicy', {
    Properties: { Queues: [{ Ref: queueId }] },
  });
  return Object.values(
    policies as Record<string, { Properties: { PolicyDocument: { Statement: { Effect: string }[] } } }>,
  )
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Effect }) => Effect === 'Allow');
}
