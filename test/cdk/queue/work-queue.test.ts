import type { Stack } from 'aws-cdk-lib';
import { Duration, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { WorkQueueWithDLQ, type WorkQueueWithDLQProps } from '../../../lib/cdk/index.js';
import { CommitSeen, createStack, IssueOpened, propertiesOf, refusalOf, rightsOf } from '../declarations.js';

function setup(props: WorkQueueWithDLQProps = {}): {
  readonly stack: Stack;
  readonly queue: WorkQueueWithDLQ;
} {
  const stack = createStack();
  return { stack, queue: new WorkQueueWithDLQ(stack, 'Builds', props) };
}

const source = (stack: Stack): Readonly<Record<string, unknown>> =>
  propertiesOf(stack, 'AWS::SQS::Queue', 'Builds');
const deadLetters = (stack: Stack): Readonly<Record<string, unknown>> =>
  propertiesOf(stack, 'AWS::SQS::Queue', 'BuildsDeadLetterQueue');

function createWorker(stack: Stack, timeout = Duration.seconds(30)): LambdaFunction {
  return new LambdaFunction(stack, 'Worker', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
    timeout,
  });
}

describe('WorkQueueWithDLQ', () => {
  it('moves messages to a dead-letter queue that keeps them longer', () => {
    const { stack } = setup();
    expect(source(stack)).toMatchObject({
      MessageRetentionPeriod: 345_600,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
    expect(deadLetters(stack)).toMatchObject({
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it('refuses to be the dead-letter queue of another', () => {
    expect(source(setup().stack)).toMatchObject({
      RedriveAllowPolicy: { redrivePermission: 'denyAll' },
    });
  });

  it('polls long and encrypts at rest', () => {
    const { stack } = setup();
    expect(source(stack)).toMatchObject({
      ReceiveMessageWaitTimeSeconds: 20,
      SqsManagedSseEnabled: true,
    });
    expect(deadLetters(stack)).toMatchObject({ SqsManagedSseEnabled: true });
  });

  it('takes TLS only, on both queues', () => {
    const template = Template.fromStack(setup().stack);
    template.resourceCountIs('AWS::SQS::QueuePolicy', 2);
    template.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    });
    expect(template.findResources('AWS::SQS::QueuePolicy')).not.toEqual({});
  });

  it.each([
    [undefined, 180],
    [Duration.seconds(2), 30],
    [Duration.minutes(2), 720],
    [Duration.hours(2), 43_200],
    [Duration.hours(12), 43_200],
  ])(
    'hides messages six times the handler time of %s, from 30 seconds to 12 hours',
    (handlerTimeout, expected) => {
      const { stack } = setup(handlerTimeout && { handlerTimeout });
      expect(source(stack)).toMatchObject({ VisibilityTimeout: expected });
    },
  );

  it('takes the visibility timeout it is given', () => {
    const { stack, queue } = setup({ visibilityTimeout: Duration.minutes(5) });
    expect(source(stack)).toMatchObject({ VisibilityTimeout: 300 });
    expect(queue.binding.visibilityTimeoutSeconds).toBe(300);
  });

  it('makes both queues FIFO, with the whole pair of high throughput', () => {
    const { stack } = setup({ fifo: true });
    const fifo = {
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    };
    expect(source(stack)).toMatchObject(fifo);
    expect(deadLetters(stack)).toMatchObject(fifo);
  });

  it('leaves high throughput out on request', () => {
    expect(source(setup({ fifo: true, highThroughput: false }).stack)).not.toHaveProperty(
      'FifoThroughputLimit',
    );
  });

  it('makes both queues hold the same sizes, so that no dead letter is too large', () => {
    const { stack } = setup({ maxMessageSize: Size.kibibytes(64) });
    expect(source(stack)).toMatchObject({ MaximumMessageSize: 65_536 });
    expect(deadLetters(stack)).toMatchObject({ MaximumMessageSize: 65_536 });
  });

  it('makes an idempotency table on request, that expires its records', () => {
    const { stack, queue } = setup({ idempotency: true });
    expect(queue.idempotencyTable).toBeDefined();
    expect(propertiesOf(stack, 'AWS::DynamoDB::Table', 'BuildsIdempotencyTable')).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('makes no table unasked', () => {
    Template.fromStack(setup().stack).resourceCountIs('AWS::DynamoDB::Table', 0);
    expect(setup().queue.idempotencyTable).toBeUndefined();
  });

  it('encrypts everything with the key it is given', () => {
    const stack = createStack();
    const encryptionKey = new Key(stack, 'Key');
    new WorkQueueWithDLQ(stack, 'Builds', { encryptionKey, idempotency: true });
    const key = expect.objectContaining({
      'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'],
    }) as unknown;
    expect(source(stack)).toMatchObject({ KmsMasterKeyId: key });
    expect(deadLetters(stack)).toMatchObject({ KmsMasterKeyId: key });
    expect(propertiesOf(stack, 'AWS::DynamoDB::Table', 'BuildsIdempotencyTable')).toMatchObject({
      SSESpecification: { KMSMasterKeyId: key },
    });
  });

  it('keeps all it holds with one removal policy', () => {
    const { stack } = setup({
      idempotency: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const template = Template.fromStack(stack);
    template.allResources('AWS::SQS::Queue', { DeletionPolicy: 'Retain' });
    template.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain' });
    expect(template.findResources('AWS::SQS::Queue')).not.toEqual({});
  });

  it('takes tokens for what is known at deployment only', () => {
    const seconds = Token.asNumber({ Ref: 'Seconds' });
    const { stack } = setup({
      retentionPeriod: Duration.seconds(seconds),
      visibilityTimeout: Duration.seconds(seconds),
    });
    expect(source(stack)).toMatchObject({
      MessageRetentionPeriod: { Ref: 'Seconds' },
      VisibilityTimeout: { Ref: 'Seconds' },
    });
  });

  it('is its queue to escape hatches', () => {
    const { queue } = setup();
    expect(queue.node.defaultChild).toBe(queue.queue);
  });
});

describe('alarms of a WorkQueueWithDLQ', () => {
  it('ring on the first dead letter, by what is visible', () => {
    expect(propertiesOf(setup().stack, 'AWS::CloudWatch::Alarm', 'BuildsDeadLetterAlarm')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      Dimensions: [
        {
          Name: 'QueueName',
          Value: {
            'Fn::GetAtt': [expect.stringContaining('DeadLetterQueue'), 'QueueName'],
          },
        },
      ],
    });
  });

  it.each([
    [{}, 900],
    [{ handlerTimeout: Duration.minutes(10) }, 7_200],
    [{ backlogAlarmAge: Duration.minutes(3) }, 180],
  ])('ring when the oldest message is too old: %j', (props, expected) => {
    expect(propertiesOf(setup(props).stack, 'AWS::CloudWatch::Alarm', 'BuildsBacklogAlarm')).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: expected,
    });
  });

  it('publish to a topic, and may use its key', () => {
    const stack = createStack();
    const alarmTopic = new Topic(stack, 'Pager', {
      masterKey: new Key(stack, 'PagerKey'),
    });
    new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic });
    const template = Template.fromStack(stack);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Pager') }],
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          }),
        ]),
      },
    });
  });

  it('can be off', () => {
    const { stack, queue } = setup({ alarms: false });
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 0);
    expect([queue.deadLetterAlarm, queue.backlogAlarm]).toEqual([undefined, undefined]);
  });
});

describe('grants of a WorkQueueWithDLQ', () => {
  function grantee(props: WorkQueueWithDLQProps = {}): {
    readonly stack: Stack;
    readonly queue: WorkQueueWithDLQ;
    readonly role: Role;
  } {
    const { stack, queue } = setup(props);
    return {
      stack,
      queue,
      role: new Role(stack, 'Role', {
        assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      }),
    };
  }

  it('let a worker receive, dead-letter with a reason and remember', () => {
    const { stack, queue, role } = grantee({ idempotency: true });
    queue.grantConsume(role).assertSuccess();
    expect(rightsOf(stack)).toMatchSnapshot();
  });

  it('let a sender send and nothing else', () => {
    const { stack, queue, role } = grantee();
    queue.grantSend(role).assertSuccess();
    expect(rightsOf(stack)).toEqual([
      'sqs:GetQueueAttributes on <Builds>',
      'sqs:GetQueueUrl on <Builds>',
      'sqs:SendMessage on <Builds>',
    ]);
  });

  it('let an operator send dead letters back', () => {
    const { stack, queue, role } = grantee();
    queue.grantRedrive(role).assertSuccess();
    expect(rightsOf(stack)).toEqual(
      expect.arrayContaining([
        'sqs:SendMessage on <Builds>',
        'sqs:StartMessageMoveTask on <BuildsDeadLetterQueue>',
        'sqs:ReceiveMessage on <BuildsDeadLetterQueue>',
      ]),
    );
  });
});

describe('processWithLambda', () => {
  it('reports single failures, caps concurrency at the mapping, and hands over the binding', () => {
    const { stack, queue } = setup();
    queue.processWithLambda(createWorker(stack), { maxConcurrency: 8 });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 8 },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { MILLRACE_QUEUE_BUILDS: Match.anyValue() } },
    });
    expect(rightsOf(stack)).toContain('sqs:SendMessage on <BuildsDeadLetterQueue>');
  });

  it('warns when a throttled invocation could not be retried in time', () => {
    const { stack, queue } = setup({ visibilityTimeout: Duration.seconds(60) });
    queue.processWithLambda(createWorker(stack));
    const [warning] = Annotations.fromStack(stack).findWarning(
      '*',
      Match.stringLikeRegexp('AWS advises 180 s'),
    );
    expect(warning?.id).toBe('/Shop/Builds');
  });

  it('rejects a function that may outlive the visibility timeout', () => {
    const { stack, queue } = setup({ visibilityTimeout: Duration.seconds(20) });
    expect(refusalOf(() => queue.processWithLambda(createWorker(stack)))).toContain(
      'the function may run 30 s, but a message stays hidden 20 s',
    );
  });

  it('rejects every wrong option at once', () => {
    const { stack, queue } = setup({ fifo: true });
    const options = {
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(5),
      maxConcurrency: 1,
      maxConcurency: 3,
    };
    expect(refusalOf(() => queue.processWithLambda(createWorker(stack), options))).toMatchInlineSnapshot(`
     "processWithLambda of 'Shop/Builds' can't be used:
       - 'maxConcurency' is no option: did you mean 'maxConcurrency'?
       - batchSize must be a whole number, 1 to 10 here (a FIFO queue), got 100
       - maxConcurrency must be a whole number, 2 to 1000, got 1
       - maxBatchingWindow is not supported on FIFO queues: leave it out"
    `);
  });
});

describe('a WorkQueueWithDLQ', () => {
  it('warns when dead letters may expire at once', () => {
    const { stack } = setup({ retentionPeriod: Duration.days(14) });
    const warnings = Annotations.fromStack(stack).findWarning(
      '/Shop/Builds',
      Match.stringLikeRegexp('retentionPeriod \\(14 days\\) is not below'),
    );
    expect(warnings).toHaveLength(1);
  });

  it('says nothing about the retention of a FIFO queue, whose clock starts anew', () => {
    const { stack } = setup({ fifo: true, retentionPeriod: Duration.days(14) });
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });

  it('rejects every violation at once, in the words of the props', () => {
    expect(
      refusalOf(() =>
        setup({
          handlerTimeout: Duration.hours(13),
          visibilityTimeout: Duration.millis(1_500),
          maxReceiveCount: 0,
          retentionPeriod: Duration.days(15),
          deadLetterRetentionPeriod: Duration.seconds(5),
          deliveryDelay: Duration.minutes(16),
          maxMessageSize: Size.mebibytes(2),
          highThroughput: true,
          backlogAlarmAge: Duration.seconds(1),
        }),
      ),
    ).toMatchInlineSnapshot(`
     "WorkQueueWithDLQ at 'Shop/Builds' can't be built:
       - handlerTimeout must be 1 second to 12 hours, got 13 hours
       - visibilityTimeout must be whole seconds (1 second to 12 hours), got Duration.millis(1500)
       - maxReceiveCount must be a whole number, 1 to 1000, got 0
       - retentionPeriod must be 1 minute to 14 days, got 15 days
       - deadLetterRetentionPeriod must be 1 minute to 14 days, got 5 seconds
       - deliveryDelay must be 0 seconds to 15 minutes, got 16 minutes
       - maxMessageSize must be 1 KiB to 1 MiB, got 2 MiB
       - backlogAlarmAge must be 1 minute to 14 days, got 1 second
       - highThroughput is for FIFO queues: set fifo: true, or leave it out (a standard queue has no such limit)"
    `);
  });

  it('rejects what JavaScript users get wrong: numbers for durations, texts for switches, misspelt names', () => {
    const props = {
      handlerTimeout: 30,
      fifo: 'true',
      maxMessageSize: 1024,
      accepts: 'github.push',
      visibilityTimout: 5,
      maxReceiveCount: '5',
    } as unknown as WorkQueueWithDLQProps;
    expect(refusalOf(() => setup(props))).toMatchInlineSnapshot(`
     "WorkQueueWithDLQ at 'Shop/Builds' can't be built:
       - 'visibilityTimout' is no option: did you mean 'visibilityTimeout'?
       - fifo must be true or false, got 'true'
       - handlerTimeout must be a Duration (1 second to 12 hours), got 30
       - maxReceiveCount must be a whole number, 1 to 1000, got '5'
       - maxMessageSize must be a Size (1 KiB to 1 MiB), got 1024
       - accepts must be a list of what defineMessage() made, got 'github.push'"
    `);
  });

  it('rejects messages without a group on a FIFO queue', () => {
    expect(refusalOf(() => setup({ fifo: true, accepts: [CommitSeen, IssueOpened] }))).toContain(
      "message 'github.issues' declares no group, which a FIFO queue needs",
    );
  });

  it('rejects two declarations of one name', () => {
    expect(refusalOf(() => setup({ accepts: [IssueOpened, IssueOpened] }))).toContain(
      "names the message 'github.issues' twice",
    );
  });

  it('rejects a handler time that is a token, unless the visibility timeout is given', () => {
    const handlerTimeout = Duration.seconds(Token.asNumber({ Ref: 'Seconds' }));
    expect(refusalOf(() => setup({ handlerTimeout }))).toContain('visibilityTimeout must be given');
    expect(
      setup({ handlerTimeout, visibilityTimeout: Duration.minutes(1) }).queue.binding
        .visibilityTimeoutSeconds,
    ).toBe(60);
  });

  it('rejects a token in a unit that can not be converted', () => {
    const retentionPeriod = Duration.days(Token.asNumber({ Ref: 'Days' }));
    expect(refusalOf(() => setup({ retentionPeriod }))).toContain(
      'retentionPeriod is known at deployment only, so it must be given as Duration.seconds(…)',
    );
  });
});
