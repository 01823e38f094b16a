import { Duration, Size, Stack, type App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { FanoutTopic, WorkQueueWithDLQ, type WorkQueueWithDLQProps } from '../../lib/cdk/index.js';
import { createApp, IssueOpened, refusalOf } from './declarations.js';
import { checkApp } from './checks/check-app.js';

function setup() {
  const app: App = createApp();
  const stack = new Stack(app, 'Shop');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  return {
    app,
    stack,
    role,
    queue: (props: WorkQueueWithDLQProps = {}) =>
      new WorkQueueWithDLQ(stack, 'Work', { accepts: [IssueOpened], claimCheck: true, ...props }),
    template: () => Template.fromStack(stack),
  };
}

/** What a role may do with which ending of an ARN. */
const allowed = (template: Template): string[] =>
  Object.values(template.findResources('AWS::IAM::Policy'))
    .flatMap(
      (policy) =>
        (
          policy as {
            Properties: { PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] } };
          }
        ).Properties.PolicyDocument.Statement,
    )
    .flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => `${action} ${JSON.stringify(Resource)}`),
    )
    .filter((line) => line.startsWith('s3:'))
    .map((line) => line.replace(/\{"Fn::GetAtt":\["([A-Za-z]+)ClaimCheckBucket[0-9A-F]+","Arn"\]\}/g, '$1'))
    .map((line) => line.replace(/\{"Fn::Join":\["",\[(\w+),"([^"]+)"\]\]\}/, '$1$2'))
    .sort();

describe('a claim check of a queue', () => {
  it('keeps payloads in a private bucket that takes TLS only and forgets them when nobody can ask any more', () => {
    const { queue, template } = setup();
    queue();
    template().hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        LifecycleConfiguration: {
          Rules: [{ ExpirationInDays: 22, Id: 'millrace-claim-check', Status: 'Enabled' }],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
    template().hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ],
      },
    });
  });

  it('tells clients bucket, prefix and threshold', () => {
    const { queue } = setup();
    expect(queue({ bindingName: 'jobs' }).binding.claimCheck).toMatchObject({
      prefix: 'jobs/',
      thresholdBytes: 262_144,
    });
    expect(setup().queue({ maxMessageSize: Size.kibibytes(64) }).binding.claimCheck?.thresholdBytes).toBe(
      65_536,
    );
    expect(setup().queue({ claimCheck: false }).binding).not.toHaveProperty('claimCheck');
  });

  it('lets senders store, and workers read and delete, and nothing else', () => {
    const sender = setup();
    sender.queue().grantSend(sender.role);
    expect(allowed(sender.template())).toEqual(['s3:PutObject Work/Work/*']);
    const worker = setup();
    worker.queue().grantConsume(worker.role);
    expect(allowed(worker.template())).toEqual([
      's3:DeleteObject Work/Work/*',
      's3:GetObject Work/*',
      's3:ListBucket "Work"'.replace(/"/g, ''),
    ]);
  });

  it('is encrypted with the key of the queue, or with its own', () => {
    const { stack, queue, template } = setup();
    const { claimCheckBucket } = queue({ encryptionKey: new Key(stack, 'Key') });
    expect(claimCheckBucket?.encryptionKey?.node.id).toBe('Key');
    template().hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: 'aws:kms' }),
          },
        ],
      },
    });
  });

  it('refuses a life shorter than that of its messages, and a threshold no message reaches, at once', () => {
    const { queue } = setup();
    const words = refusalOf(() =>
      queue({ claimCheck: { expireAfter: Duration.days(21), threshold: Size.mebibytes(2) } }),
    );
    expect(words).toContain('claimCheck.expireAfter must be whole days, at least 22');
    expect(words).toContain(
      'claimCheck.threshold must be 1 KiB to the largest message (1048576 bytes), got 2 MiB',
    );
    expect(refusalOf(() => setup().queue({ claimCheck: 'yes' as never }))).toContain(
      'claimCheck must be true, false or',
    );
    expect(refusalOf(() => setup().queue({ claimCheck: { expire: 1 } as never }))).toContain(
      "'claimCheck.expire'",
    );
  });
});

describe('a claim check of a topic', () => {
  it('is read by the workers of every queue behind it, whoever was told first, and deleted by none', () => {
    const { stack, role, template } = setup();
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened], claimCheck: true });
    const queue = new WorkQueueWithDLQ(stack, 'Work');
    queue.grantConsume(role);
    topic.fanOutTo(queue);
    const late = new WorkQueueWithDLQ(stack, 'Late');
    topic.fanOutTo(late);
    late.grantConsume(role);
    expect([...new Set(allowed(template()))]).toEqual(['s3:GetObject Events/*', 's3:ListBucket Events']);
    expect(queue.binding.claimCheckBuckets).toEqual([topic.claimCheckBucket?.bucketName]);
    expect(topic.binding.claimCheck).toMatchObject({ prefix: 'Events/' });
    expect(new WorkQueueWithDLQ(stack, 'Other').binding.claimCheckBuckets).toBeUndefined();
  });

  it('is judged at synth by the queues that subscribed', () => {
    const judge = (days: number) => {
      const { app, stack } = setup();
      const claimCheck = { expireAfter: Duration.days(days) };
      const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened], claimCheck });
      topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Work'));
      return checkApp(app).filter(({ rule }) => rule.includes('claim-check-lifecycle'));
    };
    expect(judge(59)).toEqual([]);
    expect(judge(58)).toEqual([
      expect.objectContaining({
        severity: 'warning',
        words: expect.stringContaining(
          'deletes payloads after 58 days, and messages of Events in Work can point to them for 59',
        ) as string,
      }),
    ]);
  });

  it('keeps payloads long enough for any queue when nothing is said', () => {
    const { app, stack } = setup();
    const topic = new FanoutTopic(stack, 'Events', { messages: [IssueOpened], claimCheck: true });
    topic.fanOutTo(new WorkQueueWithDLQ(stack, 'Work', { retentionPeriod: Duration.days(14) }));
    expect(checkApp(app).filter(({ rule }) => rule.includes('claim-check'))).toEqual([]);
  });
});
