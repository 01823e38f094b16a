// The traps of templates that bit users on the way from a topic to a dead letter; docs/practices.md lists them.
import { Duration, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { DeliveryStream, S3Bucket } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnEventSubscription } from 'aws-cdk-lib/aws-rds';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import {
  EmailSubscription,
  FirehoseSubscription,
  SqsSubscription,
  UrlSubscription,
} from 'aws-cdk-lib/aws-sns-subscriptions';
import { CfnSubscription, CfnTopic, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption, type CfnQueue, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { DlqRetention, FanoutTopic, Monitoring, Postures, WorkQueueWithDLQ } from '../../../lib/cdk/index.js';
import { checkApp } from '../checks/check-app.js';
import { alarmOn, createPair, saidBy } from '../checks/cases-of-rule.js';
import {
  createApp,
  createStack,
  IssueOpened,
  propertiesOf,
  PushReceived,
  refusalOf,
} from '../declarations.js';
import { allOf } from './traps.js';

function fanOut(stack: Stack): { readonly topic: FanoutTopic; readonly queue: WorkQueueWithDLQ } {
  const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
  const queue = new WorkQueueWithDLQ(stack, 'Builds');
  topic.fanOutTo(queue);
  return { topic, queue };
}

const importQueue = (stack: Stack): IQueue =>
  Queue.fromQueueAttributes(stack, 'Foreign', {
    queueArn: 'arn:aws:sqs:eu-west-1:111111111111:foreign',
    keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1',
  });

describe('template traps of delivery', () => {
  it('template trap 1: a key AWS manages shuts services out: refused by the topic, found on queues and alarm topics of others', () => {
    const stack = createStack();
    const { topic } = fanOut(stack);
    const managed = new Queue(stack, 'Managed', { encryption: QueueEncryption.KMS_MANAGED });
    expect(refusalOf(() => topic.fanOutTo(managed))).toContain('alias/aws/sqs');
    const alarmed = (scope: Stack): void => {
      const { ref: alarmActionArn } = new CfnTopic(scope, 'Pager', { kmsMasterKeyId: 'alias/aws/sns' });
      alarmOn(scope, new Queue(scope, 'Work').metricApproximateAgeOfOldestMessage()).addAlarmAction({
        bind: () => ({ alarmActionArn }),
      });
    };
    expect(saidBy('alarm-delivery', alarmed)).toContain('is encrypted with alias/aws/sns');
  });

  it('template trap 2: a policy that only denies takes the owner’s rights: given back, and found on others', () => {
    const stack = createStack();
    fanOut(stack);
    const { PolicyDocument } = propertiesOf(stack, 'AWS::SNS::TopicPolicy', 'EventsPolicy');
    const { Statement } = PolicyDocument as { Statement: { Effect: string }[] };
    expect(Statement.map(({ Effect }) => Effect)).toEqual(expect.arrayContaining(['Allow', 'Deny']));
    expect(saidBy('topic-owner', (scope) => new Topic(scope, 'Topic', { enforceSSL: true }))).toContain(
      'only denies',
    );
  });

  it('template trap 3: a shared key that names its topic is a cycle: ours names the account, others’ are found', () => {
    const stack = createStack();
    Postures.of(stack).use('cmk');
    fanOut(stack);
    // Refuses a template with a cycle.
    expect(() => Template.fromStack(stack)).not.toThrow();
    const conditions = JSON.stringify(allOf(stack, 'AWS::KMS::Key'));
    expect(conditions).toContain('{"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}');
    expect(saidBy('key-cycle', shareOneKey)).toContain('neither can be made before the other');
  });

  it('template trap 4: a list of sources by reference is a cycle: queues and dead-letter queues need none', () => {
    const stack = createStack();
    fanOut(stack);
    expect(() => Template.fromStack(stack)).not.toThrow();
    const queues = Object.values(allOf(stack, 'AWS::SQS::Queue'));
    const allowed = queues.map(({ RedriveAllowPolicy }) => RedriveAllowPolicy);
    expect(allowed.filter((policy) => policy !== undefined)).toEqual([{ redrivePermission: 'denyAll' }]);
  });

  it('template trap 5: ten sources at most, and a source taken off a list is stranded: no list is made', () => {
    const stack = createStack();
    for (let index = 0; index < 11; index += 1) new WorkQueueWithDLQ(stack, `Work${index}`);
    expect(JSON.stringify(allOf(stack, 'AWS::SQS::Queue'))).not.toContain('byQueue');
  });

  it('template trap 6: a FIFO queue needs a FIFO dead-letter queue: made so, and found on others', () => {
    const stack = createStack();
    new WorkQueueWithDLQ(stack, 'Builds', { fifo: true });
    expect(Object.values(allOf(stack, 'AWS::SQS::Queue')).map(({ FifoQueue }) => FifoQueue)).toEqual([
      true,
      true,
    ]);
    const mixed = (scope: Stack): void => {
      (createPair(scope).queue.node.defaultChild as CfnQueue).fifoQueue = true;
    };
    expect(saidBy('dead-letter-type', mixed)).toContain('the deployment fails');
  });

  it('template trap 7: types of topic and subscriber that never fit: refused, and found on others', () => {
    const stack = createStack();
    const { topic } = fanOut(stack);
    expect(refusalOf(() => topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Fifo', { fifo: true })))).toContain(
      'FIFO',
    );
    const mailed = (scope: Stack): void => {
      new Topic(scope, 'Topic', { fifo: true }).addSubscription(new EmailSubscription('ops@example.com'));
    };
    expect(saidBy('subscription-types', mailed)).toContain('subscribes email to FIFO topic');
  });

  it('template trap 8: what is imported takes no policy, in silence: the synth says what to paste', () => {
    const stack = createStack();
    fanOut(stack).topic.fanOutTo(importQueue(stack));
    const said = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('is imported'));
    expect(JSON.stringify(said)).toContain('sqs:SendMessage');
    expect(JSON.stringify(said)).toContain('kms:GenerateDataKey');
  });

  it('template trap 9: a dead-letter queue of a subscription under a key SNS may not use: opened, and found on others', () => {
    const stack = createStack();
    Postures.of(stack).use('cmk');
    fanOut(stack);
    expect(JSON.stringify(allOf(stack, 'AWS::KMS::Key'))).toContain('sns.amazonaws.com');
    const closed = (scope: Stack): void => {
      const deadLetterQueue = new Queue(scope, 'Dead', {
        encryption: QueueEncryption.KMS,
        encryptionMasterKey: new Key(scope, 'Key'),
      });
      const queue = new Queue(scope, 'Work');
      new Topic(scope, 'Topic').addSubscription(new SqsSubscription(queue, { deadLetterQueue }));
    };
    expect(saidBy('subscription-keys', closed)).toContain(
      'whose policy does not let sns.amazonaws.com use it',
    );
  });

  it('template trap 10: a name that was given collides when its resource is replaced: none is given', () => {
    const stack = createStack();
    fanOut(stack);
    const named = Object.values(allOf(stack, 'AWS::SQS::Queue', 'AWS::SNS::Topic')).filter(
      ({ QueueName, TopicName }) => QueueName !== undefined || TopicName !== undefined,
    );
    expect(named).toEqual([]);
  });

  it('template trap 11: a shorter retention expires what is there: the opinions on retention only lengthen it', () => {
    const stack = createStack();
    const { dead } = createPair(stack);
    dead.with(new DlqRetention(Duration.days(7)));
    expect(propertiesOf(stack, 'AWS::SQS::Queue', 'Dead')).toMatchObject({
      MessageRetentionPeriod: Duration.days(14).toSeconds(),
    });
  });

  it('template trap 12: a filter without its scope can’t be changed later: it is said, and missed on others', () => {
    const stack = createStack();
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened, PushReceived] });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'), { messages: [IssueOpened] });
    expect(propertiesOf(stack, 'AWS::SNS::Subscription', 'BuildsFromEvents')).toMatchObject({
      FilterPolicyScope: 'MessageAttributes',
    });
    const unsaid = (scope: Stack): void => {
      const filterPolicy = { kind: SubscriptionFilter.stringFilter({ allowlist: ['a'] }) };
      new Topic(scope, 'Topic').addSubscription(
        new SqsSubscription(new Queue(scope, 'Work'), { filterPolicy }),
      );
    };
    expect(saidBy('filter-scope', unsaid)).toContain('without its scope');
  });

  it('template trap 13: in the body every leaf is a key: counted so, and found on others', () => {
    const filteredOn = (filterPolicy: unknown) => (scope: Stack) =>
      new CfnSubscription(scope, 'Subscription', {
        protocol: 'sqs',
        endpoint: new Queue(scope, 'Work').queueArn,
        topicArn: new Topic(scope, 'Topic').topicArn,
        filterPolicyScope: 'MessageBody',
        filterPolicy,
      });
    const leaves = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, ['x']]));
    expect(saidBy('filter-limits', filteredOn({ order: leaves(6) }))).toContain('6 keys, SNS takes 5');
    expect(saidBy('filter-limits', filteredOn({ order: leaves(5) }))).toBe('');
  });

  it('template trap 14: a statement for each of many topics outgrows a policy: found before the deployment', () => {
    const crowded = (scope: Stack): void => {
      const queue = new Queue(scope, 'Work');
      for (let index = 0; index < 21; index += 1) {
        new Topic(scope, `Topic${index}`).addSubscription(new SqsSubscription(queue));
      }
    };
    expect(saidBy('policy-size', crowded)).toContain('21 statements, SQS takes 20');
  });

  it('template trap 15: a subscription that hangs on another path is made anew: its id is of queue and topic only', () => {
    const idsOf = (messages: readonly [typeof IssueOpened] | undefined): readonly string[] => {
      const stack = createStack();
      const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened, PushReceived] });
      topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Builds'), messages && { messages });
      return Object.keys(allOf(stack, 'AWS::SNS::Subscription'));
    };
    expect(idsOf([IssueOpened])).toEqual(idsOf(undefined));
  });

  it('template trap 16: a subscription across accounts waits for a yes: it stands with the queue, whose owner needs none', () => {
    const stack = createStack({ env: { account: '222222222222', region: 'eu-west-1' } });
    const topicArn = 'arn:aws:sns:eu-west-1:111111111111:events';
    FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', { topicArn, messages: [IssueOpened] }).fanOutTo(
      new WorkQueueWithDLQ(stack, 'Builds'),
    );
    expect(allOf(stack, 'AWS::SNS::Subscription')).toMatchObject({
      BuildsFromEvents: { TopicArn: topicArn },
    });
  });

  it('template trap 17: a topic of another Region needs its Region said, and opt-in Regions a principal of theirs', () => {
    const stack = createStack({ env: { account: '222222222222', region: 'eu-central-1' } });
    const topicArn = 'arn:aws:sns:eu-south-2:222222222222:events';
    FanoutTopic.fromFanoutTopicAttributes(stack, 'Events', { topicArn, messages: [IssueOpened] }).fanOutTo(
      new WorkQueueWithDLQ(stack, 'Builds'),
      { deadLetterQueue: Queue.fromQueueArn(stack, 'Dead', 'arn:aws:sqs:eu-south-2:222222222222:dead') },
    );
    expect(propertiesOf(stack, 'AWS::SNS::Subscription', 'BuildsFromEvents')).toMatchObject({
      Region: 'eu-south-2',
    });
    const { PolicyDocument } = propertiesOf(stack, 'AWS::SQS::QueuePolicy', 'BuildsPolicy');
    const { Statement } = PolicyDocument as { Statement: { Principal: unknown }[] };
    expect(JSON.stringify(Statement.map(({ Principal }) => Principal))).toContain(
      'sns.eu-south-2.amazonaws.com',
    );
  });

  it('template trap 18: a weak reference is followed like a strong one, so a wrong one is found before the deployment', () => {
    const app = createApp({ '@aws-cdk/core:defaultCrossStackReferences': 'weak' });
    const topic = new Topic(new Stack(app, 'Topics'), 'Topic');
    const queue = new Queue(new Stack(app, 'Queues'), 'Work', { fifo: true });
    topic.addSubscription(new SqsSubscription(queue));
    expect(
      checkApp(app)
        .filter(({ severity }) => severity === 'error')
        .map(({ rule }) => rule),
    ).toEqual(['subscription-types']);
  });

  it('template trap 25: poison leaves the metric of age after three receives: dead letters need an alarm of their own', () => {
    const stack = createStack();
    new WorkQueueWithDLQ(stack, 'Builds');
    const metrics = Object.values(allOf(stack, 'AWS::CloudWatch::Alarm')).map(({ MetricName }) => MetricName);
    expect(metrics).toEqual(
      expect.arrayContaining(['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible']),
    );
    const ageOnly = (scope: Stack): unknown =>
      alarmOn(scope, createPair(scope).queue.metricApproximateAgeOfOldestMessage());
    expect(saidBy('dead-letter-alarm', ageOnly)).toContain('what dies here is found by chance');
  });

  it('template trap 26: an alarm topic whose key does not know CloudWatch: opened, and found on others', () => {
    const stack = createStack();
    const alarmTopic = new Topic(stack, 'Pager', { masterKey: new Key(stack, 'Key') });
    Monitoring.of(stack).use({ alarmTopic });
    new WorkQueueWithDLQ(stack, 'Builds');
    expect(JSON.stringify(allOf(stack, 'AWS::KMS::Key'))).toContain('cloudwatch.amazonaws.com');
    const unheard = (scope: Stack): void => {
      const { topicArn } = new Topic(scope, 'Pager', { masterKey: new Key(scope, 'Key') });
      alarmOn(scope, createPair(scope).dead.metricApproximateNumberOfMessagesVisible()).addAlarmAction({
        bind: () => ({ alarmActionArn: topicArn }),
      });
    };
    expect(saidBy('alarm-delivery', unheard)).toContain(
      'whose policy does not let cloudwatch.amazonaws.com use it',
    );
  });

  it('template trap 31: RDS can’t publish under a key that does not know it: found, with the statement to add', () => {
    const closed = (scope: Stack): void => {
      const topic = new Topic(scope, 'Topic', { masterKey: new Key(scope, 'Key') });
      new CfnEventSubscription(scope, 'Events', { snsTopicArn: topic.topicArn });
    };
    expect(saidBy('publisher-keys', closed)).toContain('events.rds.amazonaws.com');
  });

  it('template trap 32: what a protocol needs or can’t take: a role for Firehose, no raw e-mail, no mail of a megabyte', () => {
    const stack = createStack();
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened] });
    const archive = new DeliveryStream(stack, 'Archive', {
      destination: new S3Bucket(new Bucket(stack, 'Bucket') as IBucket),
    });
    topic.addSubscription(new FirehoseSubscription(archive));
    expect(Object.values(allOf(stack, 'AWS::SNS::Subscription'))).toMatchObject([
      { Protocol: 'firehose', SubscriptionRoleArn: {} },
    ]);
    const roleless = (scope: Stack): unknown =>
      new CfnSubscription(scope, 'Subscription', {
        protocol: 'firehose',
        endpoint: 'arn:aws:firehose:eu-west-1:111111111111:deliverystream/archive',
        topicArn: new Topic(scope, 'Topic').topicArn,
      });
    expect(saidBy('firehose-role', roleless)).toContain('without a role: the deployment fails');
    const raw = (scope: Stack): unknown =>
      new CfnSubscription(scope, 'Subscription', {
        protocol: 'email',
        endpoint: 'ops@example.com',
        rawMessageDelivery: true,
        topicArn: new Topic(scope, 'Topic').topicArn,
      });
    expect(saidBy('raw-delivery', raw)).toContain('email');
    const large = new FanoutTopic(createStack(), 'Large', {
      messages: [IssueOpened],
      maxMessageSize: Size.mebibytes(1),
    });
    expect(refusalOf(() => large.addSubscription(new UrlSubscription('https://example.com')))).toContain(
      'delivers to queues, functions and Firehose only',
    );
  });
});

/** One key for a topic and its queue, opened for that topic alone: what aws-cdk#35418 is about. */
function shareOneKey(stack: Stack): void {
  const key = new Key(stack, 'Key');
  const topic = new Topic(stack, 'Topic', { masterKey: key });
  key.addToResourcePolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      principals: [new ServicePrincipal('sns.amazonaws.com')],
      conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
    }),
  );
}
