import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { bindingVariable, parseBinding, type BindingKind, type BindingOf } from '../../lib/contract/index.js';
import {
  BindingOutputs,
  FanoutTopic,
  ShardedStream,
  WorkQueueWithDLQ,
  type IBoundResource,
} from '../../lib/cdk/index.js';
import {
  CommitSeen,
  createApp,
  createStack,
  evaluate,
  FlightLanded,
  IssueOpened,
  PushReceived,
  refusalOf,
} from './declarations.js';

interface Output {
  readonly Value: unknown;
  readonly Description?: string;
}

function outputsOf(stack: Stack): Readonly<Record<string, Output>> {
  return (Template.fromStack(stack).toJSON() as { Outputs: Record<string, Output> }).Outputs;
}

/** The binding as a process would read it after the deployment. */
function deployed<Kind extends BindingKind>(
  kind: Kind,
  stack: Stack,
  resource: IBoundResource,
): BindingOf<Kind> {
  const variable = bindingVariable(kind, resource.binding.name);
  const json = evaluate(stack.resolve(resource.bindingEnvironment[variable]));
  return parseBinding(kind, json, variable);
}

function setup(): { readonly stack: Stack; readonly topic: FanoutTopic; readonly queue: WorkQueueWithDLQ } {
  const stack = createStack();
  const topic = new FanoutTopic<typeof PushReceived | typeof IssueOpened>(stack, 'RepositoryEvents', {
    messages: [PushReceived, IssueOpened],
  });
  return {
    stack,
    topic,
    queue: new WorkQueueWithDLQ(stack, 'Builds', { handlerTimeout: Duration.minutes(2) }),
  };
}

describe('binding', () => {
  it('of a topic says where it is and what it carries', () => {
    const { stack, topic } = setup();
    expect(deployed('topic', stack, topic)).toEqual({
      v: 1,
      kind: 'topic',
      name: 'RepositoryEvents',
      region: '<AWS::Region>',
      arn: expect.stringMatching(/^<RepositoryEvents\w{8}>$/) as string,
      fifo: false,
      contentBasedDeduplication: false,
      maxMessageBytes: 262_144,
      messages: [
        { name: 'github.push', version: 1 },
        { name: 'github.issues', version: 1 },
      ],
    });
  });

  it('of a queue says what its worker needs', () => {
    const { stack, queue } = setup();
    expect(deployed('queue', stack, queue)).toMatchObject({
      name: 'Builds',
      delivery: 'raw',
      messages: [],
      handlerTimeoutSeconds: 120,
      visibilityTimeoutSeconds: 720,
      maxReceiveCount: 5,
      retentionSeconds: 345_600,
      maxMessageBytes: 1_048_576,
      deadLetterQueue: { url: expect.stringContaining('DeadLetterQueue') as string },
    });
  });

  it('of a queue learns from subscriptions made after it was read', () => {
    const { stack, topic, queue } = setup();
    const { binding, bindingEnvironment } = queue;
    topic.fanOutTo(queue, { messages: [PushReceived], raw: false });
    const variable = bindingVariable('queue', 'Builds');
    const late = parseBinding('queue', evaluate(stack.resolve(bindingEnvironment[variable])), variable);
    expect(late).toMatchObject({ delivery: 'sns-envelope', messages: [{ name: 'github.push', version: 1 }] });
    expect(binding.messages).toEqual(late.messages);
  });

  it('of a queue names direct messages and delivered ones once', () => {
    const { stack, topic } = setup();
    const queue = new WorkQueueWithDLQ(stack, 'Audit', { accepts: [PushReceived] });
    topic.fanOutTo(queue);
    expect(queue.binding.messages.map(({ name }) => name)).toEqual(['github.issues', 'github.push']);
  });

  it('of a queue names the idempotency table', () => {
    const { stack } = setup();
    const queue = new WorkQueueWithDLQ(stack, 'Orders', { idempotency: true });
    expect(deployed('queue', stack, queue).idempotency).toEqual({
      table: expect.stringContaining('OrdersIdempotencyTable') as string,
      ttlAttribute: 'ttl',
    });
  });

  it('of a stream and its readers', () => {
    const { stack } = setup();
    const stream = new ShardedStream(stack, 'Flights', { record: FlightLanded });
    const shared = stream.addReader('delays');
    const pushed = stream.addReader('archive', { enhancedFanOut: true, startingPosition: 'LATEST' });
    expect(deployed('stream', stack, stream)).toMatchObject({
      record: { name: 'flight.landed', version: 1 },
      retentionHours: 168,
      maxRecordBytes: 1_048_576,
    });
    const first = deployed('reader', stack, shared);
    expect(first).toMatchObject({
      name: 'Flights/delays',
      reader: 'delays',
      startingPosition: 'TRIM_HORIZON',
      leaseTable: expect.stringContaining('LeaseTable') as string,
    });
    expect(first).not.toHaveProperty('consumerArn');
    expect(deployed('reader', stack, pushed)).toMatchObject({
      startingPosition: 'LATEST',
      consumerArn: expect.stringContaining('ConsumerARN') as string,
    });
  });

  it('has the name it is given', () => {
    const queue = new WorkQueueWithDLQ(createStack(), 'Q1', { bindingName: 'Builds' });
    expect(Object.keys(queue.bindingEnvironment)).toEqual(['MILLRACE_QUEUE_BUILDS']);
  });

  it.each(['weak', 'strong'])('can be read from another stack over a %s reference', (references) => {
    const app = createApp({ '@aws-cdk/core:defaultCrossStackReferences': references });
    const queue = new WorkQueueWithDLQ(new Stack(app, 'Queues'), 'Builds');
    const workers = new Stack(app, 'Workers');
    new CfnOutput(workers, 'Environment', { value: queue.bindingEnvironment['MILLRACE_QUEUE_BUILDS'] ?? '' });
    app.synth();
    const json = evaluate(outputsOf(workers)['Environment']?.Value);
    expect(parseBinding('queue', json, 'output').url).toMatch(
      references === 'weak' ? /^<output / : /^<import /,
    );
  });
});

describe('BindingOutputs', () => {
  it('writes one output per resource, with a readable id and the variable as description', () => {
    const { stack, topic, queue } = setup();
    const stream = new ShardedStream(stack, 'Flights', { record: FlightLanded });
    const { outputs } = new BindingOutputs(stack, 'Bindings', {
      resources: [topic, queue, stream, stream.addReader('delays')],
    });
    topic.fanOutTo(queue, { messages: [IssueOpened] });
    const written = outputsOf(stack);
    expect(outputs).toHaveLength(4);
    expect(Object.entries(written).map(([id, { Description }]) => [id, Description])).toEqual([
      ['BindingsTopicRepositoryEvents', 'MILLRACE_TOPIC_REPOSITORY_EVENTS'],
      ['BindingsQueueBuilds', 'MILLRACE_QUEUE_BUILDS'],
      ['BindingsStreamFlights', 'MILLRACE_STREAM_FLIGHTS'],
      ['BindingsReaderFlightsDelays', 'MILLRACE_READER_FLIGHTS_DELAYS'],
    ]);
    const binding = parseBinding('queue', evaluate(written['BindingsQueueBuilds']?.Value), 'output');
    expect(binding.messages).toEqual([{ name: 'github.issues', version: 1 }]);
  });

  it('rejects two resources of one name', () => {
    const stack = createStack();
    const queues = ['A', 'B'].map((id) => new WorkQueueWithDLQ(stack, id, { bindingName: 'Builds' }));
    expect(refusalOf(() => new BindingOutputs(stack, 'Bindings', { resources: queues }))).toContain(
      "two of the resources would be output 'QueueBuilds': give one of them a bindingName",
    );
  });

  it('rejects what has no binding', () => {
    const stack = createStack();
    const foreign = { resources: [new Queue(stack, 'Plain')] } as unknown as { resources: IBoundResource[] };
    expect(refusalOf(() => new BindingOutputs(stack, 'Bindings', foreign))).toContain(
      'resources[0] has no binding',
    );
  });

  it('takes FIFO resources too', () => {
    const stack = createStack();
    const topic = new FanoutTopic(stack, 'Audit', { messages: [CommitSeen], fifo: true });
    expect(deployed('topic', stack, topic)).toMatchObject({ fifo: true });
  });
});
