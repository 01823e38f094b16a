import { Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FanoutTopic, WorkQueueWithDLQ } from '../../../lib/cdk/index.js';
import { createApp, evaluate, IssueOpened, propertiesOf, resourcesOf } from '../declarations.js';

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
