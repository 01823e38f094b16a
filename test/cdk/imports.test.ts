import type { Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
  rightsOf,
} from './declarations.js';

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
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'), { messages: [IssueOpened] });
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
