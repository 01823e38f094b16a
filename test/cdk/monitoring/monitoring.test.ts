import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ALARM_SECTIONS,
  FanoutTopic,
  Monitoring,
  Postures,
  ShardedStream,
  WorkQueueWithDLQ,
} from '../../../lib/cdk/index.js';
import { createApp, FlightLanded, IssueOpened, refusalOf, resourcesOf } from '../declarations.js';

function setup(): { readonly stack: Stack; readonly pager: Topic } {
  const app = createApp();
  const stack = new Stack(app, 'Shop', { env: { region: 'eu-west-1', account: '111111111111' } });
  const pager = new Topic(stack, 'Pager', { enforceSSL: true, masterKey: new Key(stack, 'Key') });
  return { stack, pager };
}

const alarmsIn = (stack: Stack): readonly [id: string, properties: Readonly<Record<string, unknown>>][] =>
  Object.entries(resourcesOf(stack))
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
    .map(([id, { Properties = {} }]) => [id.replace(/[0-9A-F]{8}$/, ''), Properties]);

const namesOf = (stack: Stack): readonly string[] => alarmsIn(stack).map(([id]) => id);

/** Makes every alarm there is. */
function createAll(stack: Stack): void {
  const events = new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
  events.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'));
  const flights = new ShardedStream(stack, 'Flights', { record: FlightLanded });
  const worker = new LambdaFunction(stack, 'Worker', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => undefined'),
  });
  flights.addReader('delays', { enhancedFanOut: true });
  flights.addLambdaReader('counts', worker);
  flights.archiveTo(Bucket.fromBucketName(stack, 'Bucket', 'flights'));
}

describe('Monitoring', () => {
  it('sends the alarms of everything below to its topic, whose policy and key let CloudWatch in', () => {
    const { stack, pager } = setup();
    Monitoring.of(stack).use({ alarmTopic: pager });
    createAll(stack);
    const silent = alarmsIn(stack).filter(
      ([, { AlarmActions = [] }]) => (AlarmActions as unknown[]).length === 0,
    );
    expect(silent.map(([id]) => id)).toEqual(['EventsFailedDeliveryAlarm', 'FlightsLagAlarm']);
    expect(alarmsIn(stack)).toHaveLength(15);
    const template = JSON.stringify(Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy'));
    expect(template).toContain('cloudwatch.amazonaws.com');
  });

  it('opens the policies of topic and key once, and not for every alarm', () => {
    const { stack, pager } = setup();
    Monitoring.of(stack).use({ alarmTopic: pager });
    const spies = [pager, pager.masterKey!].map((owner) => jest.spyOn(owner, 'addToResourcePolicy'));
    createAll(stack);
    expect(spies.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('opens the policy of a topic that gets its first one after the last alarm', () => {
    const { stack } = setup();
    const alarmTopic = new Topic(stack, 'Plain');
    new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic });
    alarmTopic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new AccountPrincipal('222222222222')],
        actions: ['sns:Subscribe'],
        resources: [alarmTopic.topicArn],
      }),
    );
    const template = JSON.stringify(Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy'));
    expect(template.split('cloudwatch.amazonaws.com')).toHaveLength(2);
  });

  it('opens the policy of a topic that gets one between two alarms', () => {
    const { stack } = setup();
    const alarmTopic = new Topic(stack, 'Plain');
    new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic });
    alarmTopic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new AccountPrincipal('222222222222')],
        actions: ['sns:Publish'],
        resources: [alarmTopic.topicArn],
      }),
    );
    new WorkQueueWithDLQ(stack, 'Deploys', { alarmTopic });
    const template = JSON.stringify(Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy'));
    expect(template).toContain('cloudwatch.amazonaws.com');
  });

  it('adds actions of other kinds', () => {
    const { stack } = setup();
    const action: IAlarmAction = {
      bind: () => ({ alarmActionArn: 'arn:aws:ssm-incidents::1:response-plan/x' }),
    };
    Monitoring.of(stack).use({ alarmActions: [action] });
    new WorkQueueWithDLQ(stack, 'Builds');
    expect(alarmsIn(stack).map(([, { AlarmActions }]) => AlarmActions)).toEqual(
      Array.from({ length: 4 }, () => ['arn:aws:ssm-incidents::1:response-plan/x']),
    );
  });

  it('trap 39: rings before a queue has so many messages in flight that it looks empty', () => {
    const { stack, pager } = setup();
    new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic: pager });
    const [, alarm] = alarmsIn(stack).find(([id]) => id.startsWith('BuildsInFlightAlarm')) ?? [];
    expect(alarm).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesNotVisible',
      Threshold: 96_000, // 80 % of the 120,000 of a standard queue
      AlarmActions: [expect.anything()],
    });
  });

  it('lets nearer scopes and props go before it, option by option', () => {
    const { stack, pager } = setup();
    Monitoring.of(stack.node.root).use({
      alarms: { backlog: false, inFlight: false },
      runbookUrl: 'https://w.example',
    });
    Monitoring.of(stack).use({ alarmTopic: pager, alarms: { inFlight: true } });
    new WorkQueueWithDLQ(stack, 'Builds', { alarms: { deadLetterExpiry: false } });
    expect(namesOf(stack)).toEqual(['BuildsDeadLetterAlarm', 'BuildsInFlightAlarm']);
    expect(alarmsIn(stack)[0]?.[1]).toMatchObject({
      AlarmDescription: expect.stringMatching(/Runbook: https:\/\/w\.example#dead-letters$/) as unknown,
      AlarmActions: [expect.anything()],
    });
  });

  it.each([
    ['all', false, []],
    [
      'one by name',
      { backlog: false, deadLetterExpiry: false },
      ['BuildsDeadLetterAlarm', 'BuildsInFlightAlarm'],
    ],
  ] as const)('turns alarms off: %s', (_, alarms, expected) => {
    const { stack } = setup();
    new WorkQueueWithDLQ(stack, 'Builds', { alarms });
    expect(namesOf(stack)).toEqual(expected);
  });

  it('satisfies a posture that demands a topic', () => {
    const { stack, pager } = setup();
    Postures.of(stack).use('regulated');
    Monitoring.of(stack).use({ alarmTopic: pager });
    createAll(stack);
    expect(alarmsIn(stack)).toHaveLength(15);
  });

  it('rejects, under a posture that demands alarms, single ones that are off', () => {
    const { stack, pager } = setup();
    const props = { posture: 'regulated', alarmTopic: pager, alarms: { backlog: false } } as const;
    expect(refusalOf(() => new WorkQueueWithDLQ(stack, 'Builds', props))).toContain(
      "alarms.backlog can't be false under posture 'regulated': leave it out",
    );
  });

  it('rejects a misspelt alarm of a construct, also where its scope chose', () => {
    const { stack } = setup();
    Monitoring.of(stack).use({ alarms: true });
    const props = { alarms: { backlogs: false } } as never;
    expect(refusalOf(() => new WorkQueueWithDLQ(stack, 'Builds', props))).toContain(
      "'alarms.backlogs' is no option: did you mean 'alarms.backlog'?",
    );
  });

  it('rejects a topic of another Region', () => {
    const { stack } = setup();
    const alarmTopic = Topic.fromTopicArn(stack, 'Away', 'arn:aws:sns:us-east-1:111111111111:pager');
    expect(refusalOf(() => new WorkQueueWithDLQ(stack, 'Builds', { alarmTopic }))).toBe(
      "alarms of 'Shop/Builds' can't ring: alarmTopic must be in eu-west-1, where its alarms are, got a topic in us-east-1: make one per Region, and subscribe the same people",
    );
  });

  it('rejects wrong options, all at once', () => {
    const { stack } = setup();
    const options = {
      alarms: { backlogs: true, lag: 'no' },
      dashboards: 'yes',
      runbookUrl: 'wiki#x',
      topic: 1,
    };
    expect(refusalOf(() => Monitoring.of(stack).use(options as never))).toMatchInlineSnapshot(`
"Monitoring.of('Shop').use can't be used:
  - 'topic' is no option: known options are alarmActions, alarms, alarmTopic, dashboards, runbookUrl
  - dashboards must be true or false, got 'yes'
  - 'alarms.backlogs' is no option: did you mean 'alarms.backlog'?
  - alarms.lag must be true or false, got 'no'
  - runbookUrl must be an http(s) address without a #, got 'wiki#x'"
`);
  });

  it('rejects a choice that comes too late', () => {
    const { stack } = setup();
    new WorkQueueWithDLQ(stack, 'Builds');
    expect(refusalOf(() => Monitoring.of(stack).use({ alarms: false }))).toContain(
      "'Shop/Builds' was made before: call this right after the scope is made",
    );
  });
});

describe('the runbook', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const sections = runbook.split(/^## /m).slice(1);
  const anchorOf = (section: string): string =>
    (section.split('\n')[0] ?? '')
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-');

  it('has one section per alarm, in the order of the catalogue', () => {
    expect(sections.map(anchorOf)).toEqual(Object.values(ALARM_SECTIONS));
  });

  it.each(Object.entries(ALARM_SECTIONS))(
    'says of %s what it means, what to look at and what to do',
    (name, anchor) => {
      const section = sections.find((text) => anchorOf(text) === anchor) ?? '';
      expect(section).toContain(`\n\`${name}\`: `);
      expect(section.match(/^- \*\*(It means|Look at|Do)\*\*/gm)).toHaveLength(3);
    },
  );

  it('is named by every alarm there is', () => {
    const { stack } = setup();
    createAll(stack);
    const named = alarmsIn(stack).map(
      ([, { AlarmDescription }]) =>
        /Runbook: docs\/runbook\.md#([a-z-]+) of/.exec(String(AlarmDescription))?.[1],
    );
    expect(new Set(named)).toEqual(new Set(Object.values(ALARM_SECTIONS)));
  });
});
