import { Stack, Token, type App } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { CfnEventSubscription } from 'aws-cdk-lib/aws-rds';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { SnsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FanoutTopic, TopicPublisher, type FanoutTopicProps } from '../../../lib/cdk/index.js';
import { checkApp } from '../checks/check-app.js';
import { CommitSeen, createApp, IssueOpened, propertiesOf, refusalOf, resourcesOf } from '../declarations.js';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: unknown;
  readonly Principal: { readonly Service?: string };
  readonly Condition?: unknown;
}

function setup(props: Partial<FanoutTopicProps> = {}) {
  const app: App = createApp({ '@aws-cdk/s3-notifications:addS3TrustKeyPolicyForSnsSubscriptions': true });
  const stack = new Stack(app, 'Shop');
  const create = (more: Partial<FanoutTopicProps> = {}) =>
    new FanoutTopic(stack, 'Events', { messages: [IssueOpened], ...props, ...more });
  return { app, stack, create };
}

const services = (statements: readonly Statement[]): Statement[] =>
  statements.filter(({ Effect, Principal }) => Effect === 'Allow' && Principal.Service !== undefined);

function topicStatements(stack: Stack): Statement[] {
  const { PolicyDocument } = propertiesOf(stack, 'AWS::SNS::TopicPolicy', 'EventsPolicy') as {
    PolicyDocument: { Statement: Statement[] };
  };
  return services(PolicyDocument.Statement).map(({ Sid: _, ...statement }) => statement);
}

function keyStatements(stack: Stack): Statement[] {
  const { KeyPolicy } = propertiesOf(stack, 'AWS::KMS::Key', 'Key') as {
    KeyPolicy: { Statement: Statement[] };
  };
  return services(KeyPolicy.Statement);
}

const OWN = { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } };

/** Each service, with what its policies may ask of it. */
const CATALOGUE: readonly [string, () => TopicPublisher, Statement['Condition'], Statement['Condition']][] = [
  ['events.rds', () => TopicPublisher.rds(), { StringEquals: OWN }, { StringEquals: OWN }],
  ['cloudwatch', () => TopicPublisher.cloudWatchAlarms(), { StringEquals: OWN }, { StringEquals: OWN }],
  ['ses', () => TopicPublisher.ses(), { StringEquals: OWN }, { StringEquals: OWN }],
  ['budgets', () => TopicPublisher.budgets(), { StringEquals: OWN }, { StringEquals: OWN }],
  [
    'inspector',
    () => TopicPublisher.service('inspector.amazonaws.com'),
    { StringEquals: OWN },
    { StringEquals: OWN },
  ],
  ['events', () => TopicPublisher.eventBridge(), undefined, undefined],
  [
    'codestar-notifications',
    () => TopicPublisher.developerTools(),
    undefined,
    {
      StringEquals: {
        'kms:ViaService': { 'Fn::Join': ['', ['sns.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
      },
    },
  ],
];

describe('allowPublishFrom', () => {
  it.each(CATALOGUE)(
    'lets %s publish and use the key, as its documentation says',
    (name, publisher, onTopic, onKey) => {
      const { stack, create } = setup();
      create({ encryptionKey: new Key(stack, 'Key') })
        .allowPublishFrom(publisher())
        .assertSuccess();
      expect(topicStatements(stack)).toEqual([
        {
          Effect: 'Allow',
          Action: 'sns:Publish',
          Principal: { Service: `${name}.amazonaws.com` },
          Resource: { Ref: expect.stringMatching(/^Events/) as unknown },
          ...(onTopic !== undefined && { Condition: onTopic }),
        },
      ]);
      expect(keyStatements(stack)).toEqual([
        {
          Effect: 'Allow',
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          Principal: { Service: `${name}.amazonaws.com` },
          Resource: '*',
          ...(onKey !== undefined && { Condition: onKey }),
        },
      ]);
    },
  );

  it.each(CATALOGUE)('keeps the checks quiet about %s', (_name, publisher) => {
    const { app, stack, create } = setup({ alarms: false });
    create({ encryptionKey: new Key(stack, 'Key') }).allowPublishFrom(publisher());
    expect(checkApp(app)).toEqual([]);
  });

  it('names a bucket in the topic policy only, so that both may share a key', () => {
    const { app, stack, create } = setup();
    const encryptionKey = new Key(stack, 'Key');
    const bucket = new Bucket(stack, 'Uploads', { encryptionKey });
    create({ encryptionKey }).allowPublishFrom(TopicPublisher.s3(bucket));
    const [statement] = topicStatements(stack);
    expect(statement?.Condition).toEqual({
      StringEquals: OWN,
      ArnLike: { 'aws:SourceArn': [{ 'Fn::GetAtt': [expect.stringMatching(/^Uploads/), 'Arn'] }] },
    });
    expect(JSON.stringify(keyStatements(stack))).not.toContain('Uploads');
    expect(circleOf(stack)).toBeUndefined();
    expect(checkApp(app).filter(({ rule }) => rule.includes('deputy'))).toEqual([]);
  });

  it('stands beside what aws-cdk-lib adds for notifications of buckets and targets of rules', () => {
    const { stack, create } = setup();
    const topic = create({ encryptionKey: new Key(stack, 'Key') });
    const bucket = new Bucket(stack, 'Uploads');
    bucket.addEventNotification(EventType.OBJECT_CREATED, new SnsDestination(topic.topic));
    topic.allowPublishFrom(TopicPublisher.s3(bucket));
    new Rule(stack, 'Nightly', {
      schedule: Schedule.cron({ hour: '2' }),
      targets: [new SnsTopic(topic.topic)],
    });
    topic.allowPublishFrom(TopicPublisher.eventBridge());
    const named = topicStatements(stack).map(({ Principal }) => Principal.Service);
    expect([...new Set(named)]).toEqual(['s3.amazonaws.com', 'events.amazonaws.com']);
    expect(circleOf(stack)).toBeUndefined();
  });

  it('says it once, however often it is called', () => {
    const { stack, create } = setup();
    const topic = create({ encryptionKey: new Key(stack, 'Key') });
    topic.allowPublishFrom(TopicPublisher.ses());
    topic.allowPublishFrom(TopicPublisher.ses());
    expect([topicStatements(stack), keyStatements(stack)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('takes the account and the sources of others', () => {
    const { stack, create } = setup();
    const sourceArns = ['arn:aws:rds:eu-west-1:111111111111:db:shop-*'];
    create().allowPublishFrom(TopicPublisher.rds({ account: '111111111111', sourceArns }));
    expect(topicStatements(stack)[0]?.Condition).toEqual({
      StringEquals: { 'aws:SourceAccount': '111111111111' },
      ArnLike: { 'aws:SourceArn': sourceArns },
    });
  });

  it('lets what needs the policy wait for it', () => {
    const { stack, create } = setup();
    const topic = create();
    const subscription = new CfnEventSubscription(stack, 'All', { snsTopicArn: topic.topic.topicArn });
    topic.allowPublishFrom(TopicPublisher.rds()).applyBefore(subscription);
    const { DependsOn } = resourcesOf(stack)['All'] ?? {};
    expect(DependsOn).toEqual([expect.stringMatching(/^EventsPolicy/)]);
  });

  it('opens a topic under posture regulated with the key of the stack', () => {
    const { app, stack, create } = setup();
    const pager = new Topic(stack, 'Pager', { enforceSSL: true, masterKey: new Key(stack, 'PagerKey') });
    const topic = create({ posture: 'regulated', alarmTopic: pager });
    topic.allowPublishFrom(TopicPublisher.ses());
    const keys = Object.values(resourcesOf(stack)).filter(({ Type }) => Type === 'AWS::KMS::Key');
    expect(JSON.stringify(keys)).toContain('"Service":"ses.amazonaws.com"');
    expect(checkApp(app).filter(({ rule }) => rule.includes('deputy'))).toEqual([]);
  });

  it('warns that RDS may send nothing to an encrypted topic', () => {
    const { stack, create } = setup();
    create({ encryptionKey: new Key(stack, 'Key') }).allowPublishFrom(TopicPublisher.rds());
    const words = Match.stringLikeRegexp('sends no events to encrypted topics');
    expect(Annotations.fromStack(stack).findWarning('*', words)).toHaveLength(1);
    const open = setup();
    open.create().allowPublishFrom(TopicPublisher.rds());
    expect(Annotations.fromStack(open.stack).findWarning('*', words)).toEqual([]);
  });

  it('prints the statements that the policies of an imported topic and its key need', () => {
    const { stack } = setup();
    const topic = FanoutTopic.fromFanoutTopicAttributes(stack, 'Theirs', {
      topicArn: 'arn:aws:sns:eu-west-1:111111111111:events',
      encryptionKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      messages: [IssueOpened],
    });
    expect(topic.allowPublishFrom(TopicPublisher.ses()).success).toBe(false);
    const said = Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('is imported'))
      .map(({ entry }) => (typeof entry.data === 'string' ? entry.data : ''));
    expect(said).toEqual([
      expect.stringContaining(
        '{"Action":"sns:Publish","Condition":{"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}},"Effect":"Allow",' +
          '"Principal":{"Service":"ses.amazonaws.com"},"Resource":"arn:aws:sns:eu-west-1:111111111111:events"}',
      ),
      expect.stringContaining('"Action":["kms:Decrypt","kms:GenerateDataKey*"]'),
    ]);
  });
});

describe('allowPublishFrom rejects', () => {
  const refused = (publisher: unknown, props: Partial<FanoutTopicProps> = {}): string =>
    refusalOf(() =>
      setup(props)
        .create()
        .allowPublishFrom(publisher as TopicPublisher),
    );

  it('what is no publisher', () => {
    expect(refused('rds')).toBe(
      "allowPublishFrom of topic 'Shop/Events' can't be used: " +
        "publisher must be a TopicPublisher, such as TopicPublisher.rds(), got 'rds'",
    );
  });

  it('every violation of a publisher at once', () => {
    const wrong = { account: 'shop', sourceArns: ['shop-db', 5] as string[] };
    expect(refused(TopicPublisher.service('rds', wrong)).split('\n').slice(1)).toEqual([
      "  - service must be the principal of a service, such as 's3.amazonaws.com', got 'rds'",
      "  - account must be the 12 digits of an AWS account, got 'shop'",
      "  - sourceArns must hold ARNs or patterns of them, got 'shop-db'",
      '  - sourceArns must hold ARNs or patterns of them, got 5',
    ]);
    expect(refused(TopicPublisher.rds({ sourceArns: [] }))).toContain('would allow nothing');
    expect(refused(TopicPublisher.rds({ sourceArns: 'arn:aws:rds' as never }))).toContain('a list of ARNs');
    expect(refused(TopicPublisher.rds({ sourceArn: 'arn:aws:rds:x' } as never))).toContain(
      "did you mean 'sourceArns'?",
    );
  });

  it('but takes what only the deployment knows', () => {
    const { stack, create } = setup();
    const token = Token.asString({ Ref: 'Parameter' });
    create().allowPublishFrom(TopicPublisher.ses({ account: token, sourceArns: [token] }));
    expect(topicStatements(stack)[0]?.Condition).toEqual({
      StringEquals: { 'aws:SourceAccount': { Ref: 'Parameter' } },
      ArnLike: { 'aws:SourceArn': [{ Ref: 'Parameter' }] },
    });
  });

  it('a service that knows no FIFO topics', () => {
    const fifo = { messages: [CommitSeen], fifo: true };
    expect(refused(TopicPublisher.rds(), fifo)).toContain(
      "events.rds.amazonaws.com can't publish to FIFO topics: use a standard topic for it",
    );
  });

  it.each([
    ['an alias', (stack: Stack) => Alias.fromAliasName(stack, 'Managed', 'alias/aws/sns')],
    [
      'an ARN',
      (stack: Stack) => Key.fromKeyArn(stack, 'Managed', 'arn:aws:kms:eu-west-1:111111111111:alias/aws/sns'),
    ],
  ])('the key that AWS manages, by %s', (_name, keyOf) => {
    const { stack, create } = setup();
    const topic = create({ encryptionKey: keyOf(stack) });
    expect(refusalOf(() => topic.allowPublishFrom(TopicPublisher.ses()))).toContain(
      'give the topic a customer managed key, or none',
    );
  });
});

/** A resource of the template that needs itself, by references and DependsOn. */
function circleOf(stack: Stack): string | undefined {
  const resources = resourcesOf(stack);
  const needs = (id: string): string[] => {
    const { DependsOn = [], ...rest } = resources[id] ?? { Type: '' };
    const text = JSON.stringify(rest);
    const named = [...text.matchAll(/"(?:Ref|Fn::GetAtt)":(?:\["|")([^"]+)"/g)].map(([, name]) => name ?? '');
    return [...[DependsOn].flat(), ...named].filter((name) => name in resources);
  };
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    needs(from).some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      return reaches(next, to, seen.add(next));
    });
  return Object.keys(resources).find((id) => reaches(id, id, new Set()));
}
