import { Topic } from 'aws-cdk-lib/aws-sns';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Stack } from 'aws-cdk-lib';
import { FanoutTopic, ShardedStream, StreamCapacity, WorkQueueWithDLQ } from '../../lib/cdk/index.js';
import { CommitSeen, createStack, FlightLanded, IssueOpened, resourcesOf } from './declarations.js';

/** Properties whose change makes CloudFormation replace the resource. */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::Kinesis::Stream': ['Name'],
};

/** Resources of the first stack that the second would delete or replace. */
function replacements(before: Stack, after: Stack): string[] {
  const next = resourcesOf(after);
  return Object.entries(resourcesOf(before)).flatMap(([id, resource]) => {
    const successor = next[id];
    if (successor?.Type !== resource.Type) return [`${id} is deleted`];
    return (REPLACING[resource.Type] ?? [])
      .filter(
        (name) =>
          JSON.stringify(resource.Properties?.[name]) !== JSON.stringify(successor.Properties?.[name]),
      )
      .map((name) => `${id} is replaced, ${name} differs`);
  });
}

function setup(): { readonly before: Stack; readonly after: Stack } {
  return { before: createStack(), after: createStack() };
}

describe('replacing a plain construct by ours', () => {
  it('keeps a queue', () => {
    const { before, after } = setup();
    new Queue(before, 'Builds');
    new WorkQueueWithDLQ(after, 'Builds', { idempotency: true });
    expect(replacements(before, after)).toEqual([]);
  });

  it('keeps a FIFO queue', () => {
    const { before, after } = setup();
    new Queue(before, 'Builds', { fifo: true });
    new WorkQueueWithDLQ(after, 'Builds', { fifo: true });
    expect(replacements(before, after)).toEqual([]);
  });

  it('keeps a queue with its policy and a dead-letter queue of the same id', () => {
    const { before, after } = setup();
    const deadLetters = new Queue(before, 'BuildsDead');
    new Queue(before, 'Builds', {
      enforceSSL: true,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 },
    });
    new Queue(after, 'BuildsDead');
    new WorkQueueWithDLQ(after, 'Builds');
    expect(replacements(before, after)).toEqual([]);
  });

  it('keeps a topic', () => {
    const { before, after } = setup();
    new Topic(before, 'Events', { enforceSSL: true });
    new FanoutTopic(after, 'Events', { messages: [IssueOpened] });
    expect(replacements(before, after)).toEqual([]);
  });

  it('keeps a FIFO topic, whose name aws-cdk-lib makes of its path', () => {
    const { before, after } = setup();
    new Topic(before, 'Events', { fifo: true });
    new FanoutTopic(after, 'Events', { messages: [CommitSeen], fifo: true });
    expect(replacements(before, after)).toEqual([]);
  });

  it('keeps a stream', () => {
    const { before, after } = setup();
    new Stream(before, 'Flights', { shardCount: 4 });
    new ShardedStream(after, 'Flights', { record: FlightLanded, capacity: StreamCapacity.provisioned(4) });
    expect(replacements(before, after)).toEqual([]);
  });

  it.each(['standard', 'cmk', 'regulated'] as const)(
    'keeps a queue, a topic and a stream under posture %s',
    (posture) => {
      const { before, after } = setup();
      new Queue(before, 'Builds');
      new Topic(before, 'Events');
      new Stream(before, 'Flights');
      const props = { posture, alarmTopic: new Topic(after, 'Pager') };
      const events = new FanoutTopic(after, 'Events', { ...props, messages: [IssueOpened] });
      events.fanOutTo(new WorkQueueWithDLQ(after, 'Builds', props));
      new ShardedStream(after, 'Flights', { ...props, record: FlightLanded }).addReader('delays');
      expect(replacements(before, after)).toEqual([]);
    },
  );

  it('would notice a replacement', () => {
    const { before, after } = setup();
    new Queue(before, 'Builds');
    new WorkQueueWithDLQ(after, 'Builds', { fifo: true });
    expect(replacements(before, after)).toEqual([expect.stringContaining('FifoQueue differs')]);
  });
});

describe('logical ids', () => {
  it('stay as they were published: each one is a resource in somebody’s account', () => {
    const stack = createStack();
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    const queue = new WorkQueueWithDLQ(stack, 'Builds', { idempotency: true });
    topic.fanOutTo(queue);
    const stream = new ShardedStream(stack, 'Flights', { record: FlightLanded });
    stream.addReader('delays', { enhancedFanOut: true });
    expect(Object.entries(resourcesOf(stack)).map(([id, { Type }]) => `${Type} ${id}`)).toMatchSnapshot();
  });
});
