import { Duration, Stack, type App, type Environment } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnTopicPolicy, Topic } from 'aws-cdk-lib/aws-sns';
import {
  CHECK_RULES,
  FanoutTopic,
  POSTURE_CONTEXT,
  POSTURES,
  ShardedStream,
  WorkQueueWithDLQ,
} from '../../../lib/cdk/index.js';
import { createFargateStage } from '../fargate-stage.js';
import { CommitSeen, createApp, FlightLanded, IssueOpened } from '../declarations.js';
import { ALARM_CASES } from './alarm-cases.js';
import { ARCHIVE_CASES } from './archive-cases.js';
import { checkApp, type FoundViolation } from './check-app.js';
import { KEY_CASES } from './key-cases.js';
import { MAPPING_CASES } from './mapping-cases.js';
import { PUBLISHER_CASES } from './publisher-cases.js';
import { QUEUE_CASES } from './queue-cases.js';
import { createWorker, type CasesOfRule, type FineCase } from './cases-of-rule.js';
import { HOME } from './foreign-resources.js';
import { PLAIN_CASES } from './plain-cases.js';
import { POLICY_CASES } from './policy-cases.js';
import { SERVICE_CASES } from './service-cases.js';
import { STREAM_CASES } from './stream-cases.js';
import { SUBSCRIPTION_CASES } from './subscription-cases.js';
import { TOPIC_CASES } from './topic-cases.js';
import { WORKER_CASES } from './worker-cases.js';

function setup(): { readonly app: App; readonly stack: Stack } {
  const app = createApp();
  return { app, stack: new Stack(app, 'Shop') };
}

const ALL: readonly CasesOfRule[] = [
  ...PLAIN_CASES,
  ...QUEUE_CASES,
  ...TOPIC_CASES,
  ...SUBSCRIPTION_CASES,
  ...PUBLISHER_CASES,
  ...STREAM_CASES,
  ...ARCHIVE_CASES,
  ...MAPPING_CASES,
  ...SERVICE_CASES,
  ...WORKER_CASES,
  ...KEY_CASES,
  ...POLICY_CASES,
  ...ALARM_CASES,
];

const BROKEN = ALL.flatMap(({ rule, broken }) => broken.map((one) => ({ rule, ...one })));
const FINE = ALL.flatMap(({ rule, fine }) => fine.map((one) => ({ rule, ...one })));

/** What one rule says of one stack. */
function findings(rule: string, build: FineCase['build'], env?: Environment): readonly FoundViolation[] {
  const app = createApp();
  build(new Stack(app, 'Shop', env ? { env } : {}));
  return checkApp(app).filter((finding) => finding.rule === rule);
}

describe.each([
  { place: 'an app that says where', env: HOME, broken: BROKEN, fine: FINE },
  {
    place: 'an app for anywhere',
    env: undefined,
    broken: BROKEN.filter(({ needsPlace }) => needsPlace !== true),
    fine: FINE.filter(({ needsPlace }) => needsPlace !== true),
  },
])('MillraceChecks in $place', ({ env, broken, fine }) => {
  it.each(broken)('finds with $rule that $when', ({ rule, build, says, fix = '' }) => {
    const found = findings(rule, build, env);
    expect(found.map(({ words }) => words).join('\n')).toContain(says);
    expect(found.map((finding) => finding.fix).join('\n')).toContain(fix);
  });

  it.each(fine)('says nothing with $rule where $when', ({ rule, build }) => {
    expect(findings(rule, build, env)).toEqual([]);
  });
});

describe('MillraceChecks', () => {
  it('has a case for every rule, and a documentation page in every rule', () => {
    expect(new Set(BROKEN.map(({ rule }) => rule))).toEqual(new Set(CHECK_RULES.map(({ id }) => id)));
    expect(CHECK_RULES.filter(({ doc }) => !doc.startsWith('https://docs.aws.amazon.com/'))).toEqual([]);
  });

  it.each(Object.keys(POSTURES))('finds nothing to say of our constructs under posture %s', (posture) => {
    const app = createApp({ [POSTURE_CONTEXT]: posture });
    const shared = new Stack(app, 'Shared');
    const alarmTopic = new Topic(shared, 'Pager', {
      masterKey: new Key(shared, 'PagerKey'),
      enforceSSL: true,
    });
    const encryptionKey = new Key(shared, 'QueueKey');
    const events = new FanoutTopic(shared, 'Events', {
      messages: [IssueOpened],
      alarmTopic,
      encryptionKey: new Key(shared, 'TopicKey'),
    });
    const commits = new FanoutTopic(shared, 'Commits', { messages: [CommitSeen], fifo: true, alarmTopic });
    const queues = new Stack(app, 'Queues');
    const builds = new WorkQueueWithDLQ(queues, 'Builds', { alarmTopic, encryptionKey, idempotency: true });
    builds.processWithLambda(createWorker(queues));
    events.fanOutTo(builds, { messages: [IssueOpened] });
    commits.fanOutTo(new WorkQueueWithDLQ(queues, 'Audit', { fifo: true, alarmTopic }));
    const flights = new ShardedStream(queues, 'Flights', { record: FlightLanded, alarmTopic });
    const delays = flights.addReader('delays', { enhancedFanOut: true });
    flights.addLambdaReader('counts', createWorker(queues, { timeout: Duration.seconds(30) }, 'Counter'), {
      enhancedFanOut: true,
    });
    flights.archiveTo(Bucket.fromBucketName(queues, 'Bucket', 'flights'));
    const { given } = createFargateStage(shared);
    delays.processWithFargate(given);
    new WorkQueueWithDLQ(queues, 'Reports', { alarmTopic, encryptionKey }).processWithFargate({
      ...given,
      minTasks: 0,
      targetCpuPercent: 60,
    });
    flights.addReader('totals', { leaseFormat: 'KCL' });
    expect(checkApp(app)).toEqual([]);
  });

  it('counts a topic policy that lists its topics', () => {
    const { app, stack } = setup();
    const { topicArn } = new Topic(stack, 'Topic');
    const statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sns:*',
      Condition: { Bool: { 'aws:SecureTransport': false } },
    };
    new CfnTopicPolicy(stack, 'Policy', { topics: [topicArn], policyDocument: { Statement: statement } });
    expect(checkApp(app).map(({ rule }) => rule)).toEqual(['topic-owner']);
  });
});
