import { NestedStack, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SubscriptionFilter as Filter } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import fc from 'fast-check';
import { defineMessage } from '../../../lib/contract/index.js';
import { FanoutTopic, WorkQueueWithDLQ, type FanOutOptions } from '../../../lib/cdk/index.js';
import { plainPolicy } from '../../../lib/cdk/topic/filter-size.js';
import { unionOf } from '../../../lib/cdk/topic/filter-union.js';
import { readFilterPolicy } from '../../../lib/emulator/filter/policy.js';
import { checkApp } from '../checks/check-app.js';
import {
  createApp,
  IssueOpened,
  propertiesOf,
  PushReceived,
  refusalOf,
  resourcesOf,
} from '../declarations.js';

function setup() {
  const app = createApp();
  const stack = new Stack(app, 'Shop');
  const topic = new FanoutTopic<typeof PushReceived | typeof IssueOpened>(stack, 'Events', {
    messages: [PushReceived, IssueOpened],
  });
  const queue = new WorkQueueWithDLQ(stack, 'Builds');
  return { app, stack, topic, queue };
}

const subscription = (stack: Stack): Readonly<Record<string, unknown>> =>
  propertiesOf(stack, 'AWS::SNS::Subscription', 'BuildsFromEvents');

describe('a further fanOutTo of the same queue', () => {
  it('widens the one subscription that SNS keeps of them', () => {
    const { app, stack, topic, queue } = setup();
    const first = topic.fanOutTo(queue, { messages: [PushReceived] });
    expect(topic.fanOutTo(queue, { messages: [IssueOpened] })).toBe(first);
    expect(subscription(stack)).toMatchObject({
      FilterPolicy: { 'millrace-type': ['github.push', 'github.issues'] },
      FilterPolicyScope: 'MessageAttributes',
    });
    expect(topic.subscriptions).toEqual([first]);
    expect(queue.binding.messages.map(({ name }) => name)).toEqual(['github.issues', 'github.push']);
    expect(checkApp(app).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('stands beside the first one where their conditions differ', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue, { messages: [PushReceived], where: { branch: ['main'] } });
    topic.fanOutTo(queue, { messages: [IssueOpened] });
    expect(subscription(stack)['FilterPolicy']).toEqual({
      $or: [{ 'millrace-type': ['github.push'], branch: ['main'] }, { 'millrace-type': ['github.issues'] }],
    });
  });

  it('joins values of the one attribute in which they differ', () => {
    const { stack, topic, queue } = setup();
    for (const branch of ['main', 'next', 'main']) {
      topic.fanOutTo(queue, { messages: [PushReceived], where: { branch: [branch], size: [1] } });
    }
    expect(subscription(stack)['FilterPolicy']).toEqual({
      'millrace-type': ['github.push'],
      branch: ['main', 'next'],
      size: [1],
    });
  });

  it('takes the filter away where everything is wanted', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue, { messages: [PushReceived] });
    topic.fanOutTo(queue);
    expect(subscription(stack)).not.toHaveProperty('FilterPolicy');
    expect(subscription(stack)).not.toHaveProperty('FilterPolicyScope');
  });

  it('knows a queue that was imported twice by its ARN', () => {
    const { stack, topic } = setup();
    const queueArn = 'arn:aws:sqs:eu-west-1:111111111111:foreign';
    const [one, two] = ['One', 'Two'].map((id) => Queue.fromQueueArn(stack, id, queueArn));
    const first = topic.fanOutTo(one as Queue, { messages: [PushReceived] });
    expect(topic.fanOutTo(two as Queue, { messages: [IssueOpened] })).toBe(first);
  });

  it('rejects what one subscription can have once only, all at once', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue, { messages: [PushReceived] });
    const other: FanOutOptions<typeof IssueOpened> = {
      messages: [IssueOpened],
      raw: false,
      id: 'Again',
      deadLetterQueue: new Queue(stack, 'Dead'),
    };
    const said = refusalOf(() => topic.fanOutTo(queue, other));
    for (const option of ['raw', 'id', 'deadLetterQueue']) {
      expect(said).toContain(
        `- ${option} is that of the subscription which the queue has of this topic already ('FromEvents')`,
      );
    }
    expect(said).toContain("Shop/Events delivers 'raw'");
    expect(subscription(stack)['FilterPolicy']).toEqual({ 'millrace-type': ['github.push'] });
  });

  it('takes over, and may repeat, what the first one said', () => {
    const { stack, topic, queue } = setup();
    topic.fanOutTo(queue, { messages: [PushReceived], raw: false, id: 'Mine' });
    topic.fanOutTo(queue, { messages: [IssueOpened] });
    topic.fanOutTo(queue, { messages: [IssueOpened], raw: false, id: 'Mine' });
    expect(propertiesOf(stack, 'AWS::SNS::Subscription', 'BuildsMine')).not.toHaveProperty(
      'RawMessageDelivery',
      true,
    );
    expect(queue.binding.delivery).toBe('sns-envelope');
  });

  it('rejects filters that are too much together', () => {
    const { topic, queue } = setup();
    topic.fanOutTo(queue, { messages: [PushReceived], where: { branch: ['main'], size: [1] } });
    expect(
      refusalOf(() =>
        topic.fanOutTo(queue, { messages: [PushReceived], where: { branch: ['next'], size: [2] } }),
      ),
    ).toContain('together with what this queue gets of the topic already, where makes a filter of 6 keys');
  });

  it('rejects an attribute that would hide the one filter behind an operator', () => {
    const { stack, queue } = setup();
    const Prefixed = defineMessage('prefixed', {
      schema: IssueOpened.schema,
      id: () => '1',
      attributes: () => ({ prefix: 'a' }),
    });
    const topic = new FanoutTopic<typeof Prefixed | typeof IssueOpened>(stack, 'Other', {
      messages: [Prefixed, IssueOpened],
    });
    topic.fanOutTo(queue, { messages: [Prefixed], where: { prefix: ['a'] } });
    expect(refusalOf(() => topic.fanOutTo(queue, { messages: [IssueOpened] }))).toContain(
      "attribute 'prefix', which is an operator to SNS",
    );
  });

  const wish = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }),
    { minKeys: 1 },
  );
  const attributes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y', 'z'));
  const passes = (policy: object, values: Readonly<Record<string, string>>): boolean => {
    const reading = readFilterPolicy(JSON.stringify(policy), 'MessageAttributes');
    // Too large a union is refused at synth; here its meaning counts.
    fc.pre(reading.kind === 'policy');
    const entries = Object.entries(values).map(([name, StringValue]) => [
      name,
      { DataType: 'String', StringValue },
    ]);
    return reading.matches({ attributes: Object.fromEntries(entries) as never, body: '' });
  };

  it('lets through what any of the calls asked for, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(wish, { minLength: 1, maxLength: 3 }), attributes, (wishes, values) => {
        const filters = wishes.map((one) =>
          Object.fromEntries(Object.entries(one).map(([name, list]) => [name, new Filter([...list])])),
        );
        const union = unionOf(filters) ?? {};
        expect(passes(plainPolicy(union), values)).toBe(wishes.some((one) => passes(one, values)));
      }),
    );
  });
});

describe('one queue behind several topics', () => {
  function fan(count: number, queueOf: (stack: Stack) => WorkQueueWithDLQ) {
    const stack = new Stack(createApp(), 'Shop');
    const queue = queueOf(stack);
    for (let index = 0; index < count; index += 1) {
      new FanoutTopic(stack, `Topic${index}`, { messages: [IssueOpened], alarms: false }).fanOutTo(queue);
    }
    return stack;
  }

  const allowsOf = (stack: Stack, type: string, id: string, document: string): Record<string, unknown>[] => {
    const { Statement } = propertiesOf(stack, type, id)[document] as { Statement: Record<string, unknown>[] };
    return Statement.filter(
      ({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal).includes('sns'),
    );
  };

  it('lets them in by one statement of its policy, however many they are', () => {
    const stack = fan(30, (scope) => new WorkQueueWithDLQ(scope, 'Builds', { alarms: false }));
    const statements = allowsOf(stack, 'AWS::SQS::QueuePolicy', 'BuildsPolicy', 'PolicyDocument');
    expect(statements).toHaveLength(1);
    const { ArnEquals } = statements[0]?.['Condition'] as { ArnEquals: Record<string, unknown[]> };
    expect(ArnEquals['aws:SourceArn']).toHaveLength(30);
    const made = Object.values(resourcesOf(stack)).filter(({ Type }) => Type === 'AWS::SNS::Subscription');
    expect(made.every(({ DependsOn }) => DependsOn?.some((id) => id.startsWith('BuildsPolicy')))).toBe(true);
  });

  it('lets them use its key by one statement', () => {
    const stack = fan(3, (scope) => {
      const encryptionKey = new Key(scope, 'Key');
      return new WorkQueueWithDLQ(scope, 'Builds', { alarms: false, encryptionKey });
    });
    expect(allowsOf(stack, 'AWS::KMS::Key', 'Key', 'KeyPolicy')).toHaveLength(1);
  });

  it('warns before its policy is larger than SQS takes', () => {
    const words = Match.stringLikeRegexp('of which SQS takes 8192');
    const plain = (scope: Stack) => new WorkQueueWithDLQ(scope, 'Builds', { alarms: false });
    expect(Annotations.fromStack(fan(72, plain)).findWarning('*', words)).toEqual([]);
    expect(Annotations.fromStack(fan(75, plain)).findWarning('*', words)).not.toEqual([]);
  });

  it('keeps SNS apart where it comes under the name of a Region that accounts opt into', () => {
    const env = { account: '222222222222', region: 'eu-central-1' };
    const stack = new Stack(createApp(), 'Shop', { env });
    const queue = new Queue(stack, 'Builds', { encryption: QueueEncryption.SQS_MANAGED });
    for (const [id, region] of Object.entries({ Near: 'eu-west-1', Far: 'me-south-1' })) {
      const topicArn = `arn:aws:sns:${region}:222222222222:events`;
      const deadLetterQueue = Queue.fromQueueArn(
        stack,
        `${id}Dead`,
        `arn:aws:sqs:${region}:222222222222:dead`,
      );
      FanoutTopic.fromFanoutTopicAttributes(stack, id, { topicArn, messages: [IssueOpened] }).fanOutTo(
        queue,
        {
          deadLetterQueue,
        },
      );
    }
    const statements = allowsOf(stack, 'AWS::SQS::QueuePolicy', 'BuildsPolicy', 'PolicyDocument');
    expect(statements.map(({ Principal }) => Principal)).toEqual([
      { Service: 'sns.amazonaws.com' },
      { Service: 'sns.me-south-1.amazonaws.com' },
    ]);
  });
});

describe('the place of a subscription', () => {
  const env = { account: '222222222222', region: 'eu-central-1' };
  const awayTopic = (stack: Stack) =>
    FanoutTopic.fromFanoutTopicAttributes(stack, 'Away', {
      topicArn: 'arn:aws:sns:eu-west-1:222222222222:events',
      messages: [IssueOpened],
    });

  it.each([
    ['none', undefined, 'none, and one made beside the queue would be in eu-central-1'],
    ['one in the Region of the queue', 'eu-central-1', "'Shop/Dead' in eu-central-1"],
  ])('rejects dead letters outside of the topic’s Region: %s', (_, region, got) => {
    const stack = new Stack(createApp(), 'Shop', { env });
    const queue = new WorkQueueWithDLQ(stack, 'Builds');
    const dead = region && Queue.fromQueueArn(stack, 'Dead', `arn:aws:sqs:${region}:222222222222:dead`);
    expect(
      refusalOf(() => awayTopic(stack).fanOutTo(queue, dead ? { deadLetterQueue: dead } : {})),
    ).toContain(
      `deadLetterQueue must be in the topic's Region eu-west-1, where the subscription is, got ${got}`,
    );
  });

  it('may be a stack nested in that of the topic', () => {
    const stack = new Stack(createApp(), 'Shop');
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    const nested = new NestedStack(stack, 'Work');
    topic.fanOutTo(new WorkQueueWithDLQ(nested, 'Builds'));
    expect(subscription(nested)).toMatchObject({ Protocol: 'sqs' });
  });
});

describe('a topic', () => {
  it('signs what it posts with SHA-256', () => {
    const { stack } = setup();
    expect(propertiesOf(stack, 'AWS::SNS::Topic', 'Events')).toMatchObject({ SignatureVersion: '2' });
  });
});
