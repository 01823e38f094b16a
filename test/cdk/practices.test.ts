// What docs/practices.md says the constructs settle, where no other suite shows it.
import { Duration, Stack } from 'aws-cdk-lib';
import { FanoutTopic, ShardedStream, WorkQueueWithDLQ } from '../../lib/cdk/index.js';
import {
  createApp,
  createStack,
  FlightLanded,
  IssueOpened,
  propertiesOf,
  resourcesOf,
} from './declarations.js';

const ALARM = 'AWS::CloudWatch::Alarm';

describe('the alarms of a WorkQueueWithDLQ', () => {
  it('ring by the age of the oldest message', () => {
    const stack = createStack();
    new WorkQueueWithDLQ(stack, 'Builds', { backlogAlarmAge: Duration.minutes(30) });
    expect(propertiesOf(stack, ALARM, 'BuildsBacklogAlarm')).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Statistic: 'Maximum',
      Threshold: 1_800,
    });
  });

  it('ring while a quarter of the time of a dead letter is left', () => {
    const stack = createStack();
    new WorkQueueWithDLQ(stack, 'Builds');
    new WorkQueueWithDLQ(stack, 'Audit', { fifo: true });
    // The clock of a standard message has run for up to the queue's 4 days when it is moved; a FIFO one starts anew.
    const days = (name: string): unknown => {
      const { Threshold } = propertiesOf(stack, ALARM, `${name}DeadLetterExpiryAlarm`);
      return Number(Threshold) / Duration.days(1).toSeconds();
    };
    expect([days('Builds'), days('Audit')]).toEqual([(14 - 4) * 0.75, 14 * 0.75]);
  });
});

describe('the alarms of a FanoutTopic', () => {
  it('ring when no filter can read the attributes of a message', () => {
    const stack = createStack();
    new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    expect(propertiesOf(stack, ALARM, 'EventsInvalidAttributesAlarm')).toMatchObject({
      MetricName: 'NumberOfNotificationsFilteredOut-InvalidAttributes',
      Statistic: 'Sum',
      Threshold: 1,
    });
  });
});

describe('the readers of a ShardedStream', () => {
  it('have a lease table each, which can be restored to any second of 35 days', () => {
    const stack = createStack();
    const flights = new ShardedStream(stack, 'Flights', { record: FlightLanded });
    flights.addReader('delays');
    flights.addReader('counts');
    const tables = Object.values(resourcesOf(stack)).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(2);
    expect(tables.map(({ Properties }) => Properties?.['PointInTimeRecoverySpecification'])).toEqual(
      Array.from({ length: 2 }, () => ({ PointInTimeRecoveryEnabled: true })),
    );
  });

  it('leave it to the partition key which records go together', () => {
    const stack = new Stack(createApp(), 'Shop');
    new ShardedStream(stack, 'Flights', { record: FlightLanded });
    expect(propertiesOf(stack, 'AWS::Kinesis::Stream', 'Flights')).not.toHaveProperty(
      'RecordDistributionStrategy',
    );
  });
});
