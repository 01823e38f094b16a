import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  FanoutTopic,
  ShardedStream,
  WorkQueueWithDLQ,
  type WorkQueueAttributes,
} from '../../lib/cdk/index.js';
import { parseBinding } from '../../lib/contract/index.js';
import {
  CommitSeen,
  createStack,
  evaluate,
  FlightLanded,
  IssueOpened,
  propertiesOf,
  refusalOf,
  resourcesOf,
  rightsOf,
} from './declarations.js';
import { createFargateStage } from './fargate-stage.js';

const ARN = 'arn:aws:sqs:eu-west-1:111111111111:builds';

function setup(): { readonly stack: Stack; readonly role: Role } {
  const stack = createStack({ env: { account: '222222222222', region: 'eu-central-1' } });
  return {
    stack,
    role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
  };
}

describe('fromFanoutTopicAttributes', () => {
  const topicArn = 'arn:aws:sns:eu-west-1:111111111111:events';

  it('subscribes a queue of this app to a topic of another account and Region', () => {
    const { stack } = setup();
    const topic = FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', {
      topicArn,
      messages: [IssueOpened],
    });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'), {
      messages: [IssueOpened],
      deadLetterQueue: Queue.fromQueueArn(stack, 'Dead', 'arn:aws:sqs:eu-west-1:222222222222:dead'),
    });
    expect(propertiesOf(stack, 'AWS::SNS::Subscription', 'BuildsFromEvents')).toMatchObject({
      TopicArn: topicArn,
      Region: 'eu-west-1',
      FilterPolicy: { 'millrace-type': ['github.issues'] },
    });
    expect(topic.subscriptions).toHaveLength(1);
  });

  it('binds where the topic is, and lets a publisher publish', () => {
    const { stack, role } = setup();
    const topic = FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', {
      topicArn,
      messages: [IssueOpened],
    });
    topic.grantPublish(role);
    const json = evaluate(stack.resolve(topic.bindingEnvironment['MILLRACE_TOPIC_EVENTS']));
    expect(parseBinding('topic', json, 'binding')).toMatchObject({
      region: 'eu-west-1',
      arn: topicArn,
      fifo: false,
    });
    expect(rightsOf(stack)).toEqual([`sns:Publish on ${topicArn}`]);
  });

  it('sees a FIFO topic by its name', () => {
    const { stack } = setup();
    const attributes = { topicArn: `${topicArn}.fifo`, messages: [CommitSeen] };
    expect(FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', attributes).binding.fifo).toBe(true);
  });

  it('rejects misspelt attributes', () => {
    const attributes = { topicArn, messages: [IssueOpened], encryptionKey: 'x' };
    expect(
      refusalOf(() => FanoutTopic.fromFanoutTopicAttributes(setup().stack, 'Events', attributes)),
    ).toContain("'encryptionKey' is no option");
  });
});

describe('fromWorkQueueAttributes', () => {
  const attributes: WorkQueueAttributes = {
    queueArn: ARN,
    deadLetterQueueArn: `${ARN}-dead`,
    handlerTimeout: Duration.minutes(1),
    idempotencyTableName: 'inbox',
    accepts: [IssueOpened],
  };

  it('binds what is known, and lets a worker work', () => {
    const { stack, role } = setup();
    const queue = WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', attributes);
    queue.grantConsume(role);
    const json = evaluate(stack.resolve(queue.bindingEnvironment['MILLRACE_QUEUE_BUILDS']));
    expect(parseBinding('queue', json, 'binding')).toMatchObject({
      region: 'eu-west-1',
      url: 'https://sqs.eu-west-1.<AWS::URLSuffix>/111111111111/builds',
      handlerTimeoutSeconds: 60,
      messages: [{ name: 'github.issues' }],
      idempotency: { table: 'inbox', ttlAttribute: 'ttl' },
    });
    expect(rightsOf(stack)).toEqual(
      expect.arrayContaining([`sqs:ReceiveMessage on ${ARN}`, `sqs:SendMessage on ${ARN}-dead`]),
    );
  });

  it('can be subscribed, with the statement its policy needs', () => {
    const { stack } = setup();
    const queue = WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', attributes);
    new FanoutTopic(stack, 'Events', { messages: [IssueOpened, CommitSeen] }).fanOutTo(queue);
    expect(queue.binding.messages.map(({ name }) => name)).toEqual(['github.commit', 'github.issues']);
    expect(
      Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(`"Resource":"${ARN}"`)),
    ).toHaveLength(1);
  });

  it('rejects values out of range', () => {
    const wrong = { ...attributes, maxReceiveCount: 0 };
    expect(
      refusalOf(() => WorkQueueWithDLQ.fromWorkQueueAttributes(setup().stack, 'Builds', wrong)),
    ).toContain('maxReceiveCount must be');
  });
});

describe('fromShardedStreamAttributes', () => {
  const attributes = {
    streamArn: 'arn:aws:kinesis:eu-west-1:111111111111:stream/flights',
    record: FlightLanded,
    encryptionKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1',
  };

  it('adds a reader of this app to a stream of another', () => {
    const { stack, role } = setup();
    const flights = ShardedStream.fromShardedStreamAttributes(stack, 'Flights', attributes);
    const reader = flights.addReader('delays');
    reader.grantRead(role);
    expect(reader.binding).toMatchObject({
      region: 'eu-west-1',
      stream: { name: 'Flights', arn: attributes.streamArn, streamName: 'flights' },
    });
    expect(rightsOf(stack)).toEqual(
      expect.arrayContaining([
        `kinesis:GetRecords on ${attributes.streamArn}`,
        `kms:Decrypt on ${attributes.encryptionKeyArn}`,
      ]),
    );
  });

  it('rejects what needs the account and the Region of the stream', () => {
    const stage = createFargateStage(setup().stack);
    const flights = ShardedStream.fromShardedStreamAttributes(stage.stack, 'Flights', attributes);
    const consumer = refusalOf(() => flights.addReader('fast', { enhancedFanOut: true }));
    expect(consumer).toContain('enhancedFanOut needs a stream of this account, got one of 111111111111');
    expect(consumer).toContain('enhancedFanOut needs a stream of this region, got one of eu-west-1');
    const service = refusalOf(() => flights.addReader('delays').processWithFargate(stage.given));
    expect(service).toContain('the stream is in another account (111111111111, not 222222222222)');
    expect(service).toContain('the stream is in another region (eu-west-1, not eu-central-1)');
  });

  it('lets a producer put records', () => {
    const { stack, role } = setup();
    ShardedStream.fromShardedStreamAttributes(stack, 'Flights', attributes).grantProduce(role);
    expect(rightsOf(stack)).toContain(`kinesis:PutRecords on ${attributes.streamArn}`);
  });

  it('rejects misspelt attributes', () => {
    const wrong = { ...attributes, retention: Duration.days(1) };
    expect(
      refusalOf(() => ShardedStream.fromShardedStreamAttributes(setup().stack, 'Flights', wrong)),
    ).toContain("'retention' is no option");
  });
});

describe('claim checks of what another app manages', () => {
  const claimCheck = {
    bucketName: 'payloads',
    encryptionKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/payloads',
  };
  const queueAttributes: WorkQueueAttributes = {
    queueArn: ARN,
    deadLetterQueueArn: `${ARN}-dead`,
    accepts: [IssueOpened],
    claimCheck,
  };
  const topicAttributes = {
    topicArn: 'arn:aws:sns:eu-west-1:111111111111:events',
    encryptionKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/topic',
    messages: [IssueOpened],
    claimCheck,
  };

  /** A stack in the very account of the queue, whose grants need nobody else. */
  function near(): { readonly stack: Stack; readonly role: Role } {
    const stack = createStack({ env: { account: '111111111111', region: 'eu-west-1' } });
    return {
      stack,
      role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
    };
  }

  const told = (stack: Stack): string[] =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('is of account'))
      .map(({ entry }) => (typeof entry.data === 'string' ? entry.data : ''));

  const payloads = (stack: Stack): string[] => rightsOf(stack).filter((right) => /s3:|payloads/.test(right));

  it('are bound, and senders and workers of a queue have their rights on bucket and key', () => {
    const [sender, worker] = [near(), near()];
    const queueIn = (stack: Stack) =>
      WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', queueAttributes);
    queueIn(sender.stack).grantSend(sender.role);
    expect(payloads(sender.stack)).toEqual([
      `kms:Decrypt on ${claimCheck.encryptionKeyArn}`,
      `kms:Encrypt on ${claimCheck.encryptionKeyArn}`,
      `kms:GenerateDataKey* on ${claimCheck.encryptionKeyArn}`,
      `kms:ReEncrypt* on ${claimCheck.encryptionKeyArn}`,
      's3:PutObject on arn:<AWS::Partition>:s3:::payloads/Builds/*',
    ]);
    const queue = queueIn(worker.stack);
    queue.grantConsume(worker.role);
    expect(payloads(worker.stack)).toEqual([
      `kms:Decrypt on ${claimCheck.encryptionKeyArn}`,
      's3:DeleteObject on arn:<AWS::Partition>:s3:::payloads/Builds/*',
      's3:GetObject on arn:<AWS::Partition>:s3:::payloads/*',
      's3:ListBucket on arn:<AWS::Partition>:s3:::payloads',
    ]);
    const json = evaluate(worker.stack.resolve(queue.bindingEnvironment['MILLRACE_QUEUE_BUILDS']));
    expect(parseBinding('queue', json, 'binding').claimCheck).toEqual({
      bucket: 'payloads',
      prefix: 'Builds/',
      thresholdBytes: 262_144,
    });
    expect(told(worker.stack)).toEqual([]);
  });

  it('are bound, and publishers to a topic and workers behind it have their rights', () => {
    const { stack, role } = near();
    const topic = FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', topicAttributes);
    topic.grantPublish(role);
    expect(topic.binding.claimCheck).toMatchObject({ bucket: 'payloads', prefix: 'Events/' });
    const queue = new WorkQueueWithDLQ(stack, 'Work');
    topic.fanOutTo(queue);
    const worker = new Role(stack, 'Worker', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    queue.grantConsume(worker);
    expect(payloads(stack)).toContain('s3:PutObject on arn:<AWS::Partition>:s3:::payloads/Events/*');
    expect(payloads(stack)).toContain('s3:GetObject on arn:<AWS::Partition>:s3:::payloads/*');
    expect(queue.binding.claimCheckBuckets).toEqual(['payloads']);
  });

  it('of a topic are read by workers of an imported queue too', () => {
    const { stack, role } = near();
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened], claimCheck: true });
    const { claimCheck: _, ...attributes } = queueAttributes;
    const queue = WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', attributes);
    queue.grantConsume(role);
    topic.fanOutTo(queue);
    expect(payloads(stack)).toContain('s3:GetObject on <EventsClaimCheckBucket.Arn>/*');
  });

  it('of another account are told of with the statements that each policy there needs', () => {
    const { stack, role } = setup();
    FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', topicAttributes).grantPublish(role);
    const statement = (actions: string, resource: string): string =>
      `{"Action":${actions},"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Resource":${resource}}`;
    const use = '["kms:Decrypt","kms:GenerateDataKey*"]';
    expect(told(stack).map((line) => line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1))).toEqual([
      statement('"sns:Publish"', `"${topicAttributes.topicArn}"`),
      statement(use, '"*"'),
      statement('"s3:PutObject"', '"arn:aws:s3:::payloads/Events/*"'),
      statement(use, '"*"'),
    ]);
  });

  it('of a topic of another account are told of for the workers behind it, who delete nothing', () => {
    const { stack } = setup();
    const topic = FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', topicAttributes);
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'), {
      deadLetterQueue: Queue.fromQueueArn(stack, 'Dead', `${ARN}-dead`),
    });
    const said = told(stack).join();
    expect(said).toContain(
      '{"Action":["s3:GetObject","s3:ListBucket"],"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Resource":["arn:aws:s3:::payloads/*","arn:aws:s3:::payloads"]}',
    );
    expect(said).toContain('"kms:Decrypt"');
    expect(said).not.toContain('s3:DeleteObject');
  });

  it('and queues of another account are told of for senders and for workers', () => {
    const { stack, role } = setup();
    const queue = WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', {
      ...queueAttributes,
      encryptionKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/queue',
    });
    queue.grantSend(role);
    expect(told(stack).join()).toContain(
      '"Action":["sqs:SendMessage","sqs:GetQueueAttributes","sqs:GetQueueUrl"]',
    );
    const before = told(stack).length;
    queue.grantConsume(role);
    const more = told(stack).slice(before).join();
    for (const action of ['sqs:ReceiveMessage', 'sqs:SendMessage', 's3:GetObject', 'kms:Decrypt'])
      expect(more).toContain(action);
    expect(more).toContain("'Shop/Builds/DeadLetterQueue' is of account 111111111111");
  });

  it.each([
    [{ bucketName: '' }, 'claimCheck.bucketName must be the name of a bucket'],
    [{ bucketName: 'payloads', prefix: 'builds' }, "claimCheck.prefix must end with a slash, got 'builds'"],
    [{ bucketName: 'payloads', bucket: 'x' }, "'claimCheck.bucket' is no option"],
    ['payloads', "claimCheck must be its attributes, got 'payloads'"],
  ])('reject %j', (given, words) => {
    const wrong = given as unknown as NonNullable<WorkQueueAttributes['claimCheck']>;
    expect(
      refusalOf(() =>
        WorkQueueWithDLQ.fromWorkQueueAttributes(setup().stack, 'Builds', {
          ...queueAttributes,
          claimCheck: wrong,
        }),
      ),
    ).toContain(words);
    expect(
      refusalOf(() =>
        FanoutTopic.fromFanoutTopicAttributes(setup().stack, 'Events', {
          ...topicAttributes,
          claimCheck: wrong,
        }),
      ),
    ).toContain(words);
  });
});

describe('workers of an imported queue', () => {
  const attributes: WorkQueueAttributes = {
    queueArn: ARN,
    deadLetterQueueArn: `${ARN}-dead`,
    accepts: [IssueOpened],
  };
  const worker = (stack: Stack): LambdaFunction =>
    new LambdaFunction(stack, 'Worker', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => undefined'),
      timeout: Duration.seconds(20),
    });

  it('are functions with partial batches, its rights and its binding, from another account too', () => {
    const stack = createStack({ env: { account: '222222222222', region: 'eu-west-1' } });
    WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', attributes).processWithLambda(worker(stack));
    const mapping = Object.values(resourcesOf(stack)).find(({ Type }) => Type.endsWith('EventSourceMapping'));
    expect(mapping?.Properties).toMatchObject({
      EventSourceArn: ARN,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(JSON.stringify(resourcesOf(stack))).toContain('MILLRACE_QUEUE_BUILDS');
    expect(rightsOf(stack)).toContain(`sqs:ReceiveMessage on ${ARN}`);
  });

  it('are refused as functions of another Region', () => {
    const { stack } = setup();
    const queue = WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', attributes);
    expect(refusalOf(() => queue.processWithLambda(worker(stack)))).toContain(
      'the queue is in eu-west-1 and the function in eu-central-1: Lambda polls queues of its own Region only',
    );
  });

  it('are a Fargate service where its metrics are', () => {
    const stack = createStack({ env: { account: '111111111111', region: 'eu-west-1' } });
    const { given, cluster } = createFargateStage(stack);
    const queue = WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', attributes);
    queue.processWithFargate({ ...given, cluster, backlogPerTask: 10 });
    const made = resourcesOf(stack);
    expect(Object.values(made).map(({ Type }) => Type)).toContain('AWS::ECS::Service');
    expect(rightsOf(stack)).toContain(`sqs:ReceiveMessage on ${ARN}`);
    expect(JSON.stringify(made)).toContain('"Name":"QueueName","Value":"builds"');
  });

  it('are refused as a service of another account or Region, at once', () => {
    const { stack } = setup();
    const { given } = createFargateStage(stack);
    const queue = WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', attributes);
    const said = refusalOf(() => queue.processWithFargate({ ...given, backlogPerTask: 10 }));
    expect(said).toContain('in another account (111111111111, not 222222222222)');
    expect(said).toContain('in another region (eu-west-1, not eu-central-1)');
  });
});

describe('across accounts and Regions', () => {
  it('a topic of this app delivers to a queue there, with the statements its policy and key need', () => {
    const { stack } = setup();
    const queue = WorkQueueWithDLQ.fromWorkQueueAttributes(stack, 'Builds', {
      queueArn: ARN,
      deadLetterQueueArn: `${ARN}-dead`,
      encryptionKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/queue',
    });
    new FanoutTopic(stack, 'Events', { messages: [IssueOpened] }).fanOutTo(queue);
    expect(propertiesOf(stack, 'AWS::SNS::Subscription', 'BuildsFromEvents')).toMatchObject({
      Endpoint: ARN,
      Region: 'eu-central-1',
    });
    const said = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('is imported'));
    expect(said.map(({ entry }) => (typeof entry.data === 'string' ? entry.data : '')).join()).toMatch(
      /"sqs:SendMessage".*"kms:Decrypt","kms:GenerateDataKey".*"aws:SourceAccount":"222222222222"/s,
    );
  });
});
