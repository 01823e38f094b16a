import { Duration, Stack } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  FanoutTopic,
  WorkQueueWithDLQ,
  type FanoutTopicProps,
  type FanOutOptions,
} from '../../../lib/cdk/index.js';
import { CommitSeen, createApp, evaluate, propertiesOf, refusalOf, resourcesOf } from '../declarations.js';

function setup(props: Partial<FanoutTopicProps> = {}): {
  readonly stack: Stack;
  readonly events: FanoutTopic;
} {
  const stack = new Stack(createApp(), 'Shop');
  return { stack, events: new FanoutTopic(stack, 'Events', { messages: [CommitSeen], ...props }) };
}

const protocolsOf = (stack: Stack): readonly unknown[] =>
  (propertiesOf(stack, 'AWS::SNS::Topic', 'Events')['DeliveryStatusLogging'] ?? []) as readonly unknown[];

describe('delivery logging of a FanoutTopic', () => {
  it('logs the failures of every protocol, by a role that only SNS for this account may take', () => {
    const { stack } = setup({ deliveryLogging: true });
    expect(protocolsOf(stack)).toHaveLength(5);
    expect(protocolsOf(stack)[0]).toMatchObject({ Protocol: 'sqs', SuccessFeedbackSampleRate: '0' });
    expect(propertiesOf(stack, 'AWS::IAM::Role', 'EventsDeliveryLoggingRole')).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [{ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }],
      },
    });
  });

  it('makes the log groups by the names SNS will look for, with a retention', () => {
    const { stack } = setup({ deliveryLogging: { logRetention: RetentionDays.ONE_WEEK } });
    const failures = propertiesOf(stack, 'AWS::Logs::LogGroup', 'EventsDeliveryLoggingFailures');
    expect(evaluate(failures['LogGroupName']).replace(/[0-9A-F]{8}/, '')).toBe(
      'sns/<AWS::Region>/<AWS::AccountId>/<Events.TopicName>/Failure',
    );
    expect(failures).toMatchObject({ RetentionInDays: 7 });
  });

  it('knows queues only on a FIFO topic, and samples successes on request', () => {
    const { stack } = setup({ fifo: true, deliveryLogging: { successSamplePercent: 5 } });
    expect(protocolsOf(stack)).toEqual([
      expect.objectContaining({ Protocol: 'sqs', SuccessFeedbackSampleRate: '5' }),
    ]);
  });

  it('is off unless asked for', () => {
    expect(protocolsOf(setup().stack)).toEqual([]);
  });

  it('rejects wrong properties, all at once', () => {
    const wrong = { successSamplePercent: 101, logRetention: 8, retention: 7 };
    const said = refusalOf(() => setup({ deliveryLogging: wrong as never }));
    expect(said.split('\n').slice(1)).toEqual([
      expect.stringContaining("'deliveryLogging.retention' is no option"),
      '  - deliveryLogging.successSamplePercent must be a whole number, 0 to 100, got 101',
      '  - deliveryLogging.logRetention must be one of RetentionDays, got 8',
    ]);
  });
});

describe('the archive of a FIFO FanoutTopic', () => {
  const replay = (options: unknown, props: Partial<FanoutTopicProps> = {}): Stack => {
    const { stack, events } = setup({ fifo: true, archiveRetention: Duration.days(30), ...props });
    events.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds', { fifo: true }), options as FanOutOptions);
    return stack;
  };

  it('is kept for as many days as asked, and replayed to a queue from a point in time', () => {
    const stack = replay({ replayFrom: new Date('2026-11-20T08:00:00Z') });
    expect(propertiesOf(stack, 'AWS::SNS::Topic', 'Events')).toMatchObject({
      ArchivePolicy: { MessageRetentionPeriod: 30 },
    });
    const [subscription] = Object.values(resourcesOf(stack)).filter(
      ({ Type }) => Type === 'AWS::SNS::Subscription',
    );
    expect(subscription?.Properties).toMatchObject({
      ReplayPolicy: { PointType: 'Timestamp', StartingPoint: '2026-11-20T08:00:00.000Z' },
    });
  });

  it('rejects an archive of a standard topic, and one of half days', () => {
    expect(
      refusalOf(() => setup({ archiveRetention: Duration.hours(36) }))
        .split('\n')
        .slice(1),
    ).toEqual([
      '  - archiveRetention must be whole days (1 day to 365 days), known at synth',
      '  - archiveRetention is for FIFO topics: set fifo: true, or archive through Firehose',
    ]);
  });

  it('rejects a replay that is no date, and one without an archive', () => {
    expect(refusalOf(() => replay({ replayFrom: 'yesterday' }))).toContain(
      "replayFrom must be a Date, got 'yesterday'",
    );
    expect(refusalOf(() => replay({ replayFrom: new Date(Number.NaN) }))).toContain('got an invalid one');
    const { stack, events } = setup({ fifo: true });
    const queue = new WorkQueueWithDLQ(stack, 'Builds', { fifo: true });
    expect(refusalOf(() => events.fanOutTo(queue, { replayFrom: new Date(0) }))).toContain(
      'replayFrom needs an archive to replay: give the topic fifo: true and archiveRetention',
    );
  });
});
