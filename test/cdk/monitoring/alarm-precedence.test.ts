import { Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FanoutTopic, ShardedStream, WorkQueueWithDLQ } from '../../../lib/cdk/index.js';
import {
  createApp,
  evaluate,
  FlightLanded,
  IssueOpened,
  propertiesOf,
  resourcesOf,
} from '../declarations.js';

function setup(): { readonly stack: Stack; readonly far: Stack; readonly events: FanoutTopic } {
  const app = createApp();
  const stack = new Stack(app, 'Shop');
  const alarmTopic = new Topic(stack, 'Pager');
  const events = new FanoutTopic(stack, 'Events', { messages: [IssueOpened], alarmTopic });
  return { stack, far: new Stack(app, 'Far'), events };
}

const composites = (stack: Stack): readonly string[] =>
  Object.entries(resourcesOf(stack))
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::CompositeAlarm')
    .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));

describe('the alarm on failed deliveries', () => {
  it('leaves it to a composite alarm to ring, five minutes after no specific alarm did', () => {
    const { stack, events } = setup();
    events.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'));
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'EventsFailedDeliveryAlarm')).toMatchObject({
      AlarmActions: [],
    });
    const composite = propertiesOf(
      stack,
      'AWS::CloudWatch::CompositeAlarm',
      'EventsFailedDeliveryAlarmComposite',
    );
    expect(composite).toMatchObject({
      AlarmActions: [{ Ref: expect.stringMatching(/^Pager/) as unknown }],
      ActionsSuppressorWaitPeriod: 300,
      ActionsSuppressorExtensionPeriod: 300,
      AlarmDescription: expect.stringContaining('#failed-deliveries') as unknown,
    });
    expect(composite).not.toHaveProperty('AlarmName');
    expect(evaluate(composite['AlarmRule'])).toMatch(
      /^ALARM\("<EventsFailedDeliveryAlarm[0-9A-F]{8}\.Arn>"\)$/,
    );
  });

  it('waits for lost deliveries and for the dead letters of subscriptions in its stack', () => {
    const { stack, far, events } = setup();
    events.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'));
    events.fanOutTo(new WorkQueueWithDLQ(far, 'Away'));
    const { AlarmRule } = propertiesOf(
      stack,
      'AWS::CloudWatch::CompositeAlarm',
      'EventsFailedDeliveryAlarmSuppressor',
    );
    expect(evaluate(AlarmRule).replace(/[0-9A-F]{8}\.Arn/g, '')).toBe(
      '(ALARM("<EventsLostDeliveryAlarm>") OR ALARM("<BuildsFromEventsDeadLetterAlarm>"))',
    );
  });

  it('keeps the actions that others gave it', () => {
    const { stack, events } = setup();
    events.failedDeliveryAlarm?.addAlarmAction({
      bind: () => ({ alarmActionArn: 'arn:aws:sns:eu-west-1:1:mine' }),
    });
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'EventsFailedDeliveryAlarm')).toMatchObject({
      AlarmActions: ['arn:aws:sns:eu-west-1:1:mine'],
    });
  });

  it('rings itself where no specific alarm is left on', () => {
    const stack = new Stack(createApp(), 'Shop');
    const alarmTopic = new Topic(stack, 'Pager');
    const alarms = { lostDeliveries: false };
    const events = new FanoutTopic(stack, 'Events', { messages: [IssueOpened], alarmTopic, alarms });
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'EventsFailedDeliveryAlarm')).toHaveProperty(
      'AlarmActions',
    );
    expect(events.failedDeliveryComposite).toBeUndefined();
  });

  it('makes no composites where nobody is told', () => {
    const stack = new Stack(createApp(), 'Shop');
    new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    expect(composites(stack)).toEqual([]);
  });
});

describe('the alarm on the lag of a stream', () => {
  function stream() {
    const stack = new Stack(createApp(), 'Shop');
    const alarmTopic = new Topic(stack, 'Pager');
    const flights = new ShardedStream(stack, 'Flights', { record: FlightLanded, alarmTopic });
    const worker = (id: string): LambdaFunction =>
      new LambdaFunction(stack, id, {
        runtime: Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: Code.fromInline('exports.handler = () => undefined'),
      });
    return { stack, flights, worker };
  }
  const suppressor = (stack: Stack): string =>
    evaluate(
      propertiesOf(stack, 'AWS::CloudWatch::CompositeAlarm', 'FlightsLagAlarmSuppressor')['AlarmRule'],
    ).replace(/[0-9A-F]{8}\.Arn/g, '');

  it('leaves it to the alarm of a function that lags, so that one lag pages once', () => {
    const { stack, flights, worker } = stream();
    flights.addLambdaReader('counts', worker('Counter'));
    flights.addLambdaReader('sums', worker('Adder'));
    expect(suppressor(stack)).toBe('(ALARM("<FlightscountsLagAlarm>") OR ALARM("<FlightssumsLagAlarm>"))');
    expect(propertiesOf(stack, 'AWS::CloudWatch::Alarm', 'FlightsLagAlarm')).toMatchObject({
      AlarmActions: [],
    });
    expect(flights.lagComposite?.node.id).toBe('LagAlarmComposite');
  });

  it('rings by itself where a reader has no other alarm, in whatever order readers are added', () => {
    const first = stream();
    first.flights.addReader('delays');
    first.flights.addLambdaReader('counts', first.worker('Counter'));
    const last = stream();
    last.flights.addLambdaReader('counts', last.worker('Counter'));
    last.flights.addReader('delays');
    expect(composites(first.stack)).toEqual([]);
    expect(propertiesOf(first.stack, 'AWS::CloudWatch::Alarm', 'FlightsLagAlarm')).toMatchObject({
      AlarmActions: [{ Ref: expect.stringMatching(/^Pager/) as unknown }],
    });
    expect(suppressor(last.stack)).toBe('FALSE');
  });

  it('does not wait for a function with a consumer of its own, whose lag is not in its metric', () => {
    const { stack, flights, worker } = stream();
    flights.addLambdaReader('counts', worker('Counter'), { enhancedFanOut: true });
    expect(composites(stack)).toEqual([]);
    expect(flights.lagComposite).toBeUndefined();
  });
});
