import type { Clock } from '../../lib/core/clock.js';
import { deployAssembly, type Deployment } from '../../lib/local/deploy.js';
import type { DeployOptions } from '../../lib/local/deploy-options.js';
import { createFakeAws, type FakeAws } from './fake-aws.js';
import { removeTemporaryFolders, writeAssembly, type MiniStack } from './mini-assembly.js';

/** A clock whose timers are due at once, so that waiting for a status costs a test nothing. */
const impatientClock: Clock = {
  now: () => 0,
  monotonic: () => 0,
  schedule: (_delayMs, onDue) => {
    queueMicrotask(onDue);
    return { cancel: () => undefined };
  },
};

const FIFO_PAIR = {
  Resources: {
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        FifoQueue: true,
        VisibilityTimeout: 90,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dlq', 'Arn'] }, maxReceiveCount: 5 },
        Tags: [{ Key: 'team', Value: 'builds' }],
      },
    },
    Dlq: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
  },
};

interface Setup {
  readonly aws: FakeAws;
  readonly deploy: (overrides?: Partial<DeployOptions>) => Promise<Deployment>;
}

function setup(stacks: Readonly<Record<string, MiniStack>>): Setup {
  const aws = createFakeAws();
  const assembly = writeAssembly(stacks);
  const given = { assembly, aws: aws.target, nameSuffix: 'T3ST', clock: impatientClock };
  return { aws, deploy: (overrides = {}) => deployAssembly({ ...given, ...overrides }) };
}

afterAll(removeTemporaryFolders);

describe('deployAssembly', () => {
  it('creates queues after their dead-letter queues, with names like CloudFormation gives', async () => {
    const { aws, deploy } = setup({ work: { template: FIFO_PAIR } });

    const deployment = await deploy();

    expect(aws.inputsOf('CreateQueue')).toEqual([
      { QueueName: 'work-Dlq-T3ST.fifo', Attributes: { FifoQueue: 'true' } },
      {
        QueueName: 'work-Queue-T3ST.fifo',
        Attributes: {
          FifoQueue: 'true',
          VisibilityTimeout: '90',
          RedrivePolicy:
            '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:work-Dlq-T3ST.fifo","maxReceiveCount":5}',
        },
        tags: { team: 'builds' },
      },
    ]);
    expect(deployment.resources).toContainEqual({
      stack: 'work',
      logicalId: 'Queue',
      type: 'AWS::SQS::Queue',
      physicalId: 'http://127.0.0.1:1/000000000000/work-Queue-T3ST.fifo',
      arn: 'arn:aws:sqs:eu-west-1:000000000000:work-Queue-T3ST.fifo',
    });
    expect(deployment.notCreated).toEqual([]);
    expect(deployment.notApplied).toEqual([]);
  });

  it('subscribes queues with filter, raw flag and redrive policy, and sets both policies', async () => {
    const { aws, deploy } = setup({
      fanout: {
        template: {
          Resources: {
            Topic: { Type: 'AWS::SNS::Topic', Properties: { SignatureVersion: '2' } },
            TopicPolicy: {
              Type: 'AWS::SNS::TopicPolicy',
              Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement: [] } },
            },
            Queue: { Type: 'AWS::SQS::Queue' },
            QueuePolicy: {
              Type: 'AWS::SQS::QueuePolicy',
              Properties: {
                Queues: [{ Ref: 'Queue' }],
                PolicyDocument: {
                  Statement: [{ Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'Topic' } } } }],
                },
              },
            },
            Subscription: {
              Type: 'AWS::SNS::Subscription',
              DependsOn: ['QueuePolicy'],
              Properties: {
                TopicArn: { Ref: 'Topic' },
                Protocol: 'sqs',
                Endpoint: { 'Fn::GetAtt': ['Queue', 'Arn'] },
                FilterPolicy: { type: ['push'] },
                RawMessageDelivery: true,
                RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': 'Queue.Arn' } },
              },
            },
          },
        },
      },
    });

    await deploy();

    const queueArn = 'arn:aws:sqs:eu-west-1:000000000000:fanout-Queue-T3ST';
    const topicArn = 'arn:aws:sns:eu-west-1:000000000000:fanout-Topic-T3ST';
    expect(aws.inputsOf('Subscribe')).toEqual([
      expect.objectContaining({
        TopicArn: topicArn,
        Protocol: 'sqs',
        Endpoint: queueArn,
        ReturnSubscriptionArn: 'true',
        'Attributes.entry.1.key': 'FilterPolicy',
        'Attributes.entry.1.value': '{"type":["push"]}',
        'Attributes.entry.2.key': 'RawMessageDelivery',
        'Attributes.entry.2.value': 'true',
        'Attributes.entry.3.key': 'RedrivePolicy',
        'Attributes.entry.3.value': `{"deadLetterTargetArn":"${queueArn}"}`,
      }),
    ]);
    expect(aws.inputsOf('SetQueueAttributes')).toEqual([
      {
        QueueUrl: 'http://127.0.0.1:1/000000000000/fanout-Queue-T3ST',
        Attributes: { Policy: `{"Statement":[{"Condition":{"ArnEquals":{"aws:SourceArn":"${topicArn}"}}}]}` },
      },
    ]);
    expect(aws.inputsOf('SetTopicAttributes')).toEqual([
      expect.objectContaining({
        TopicArn: topicArn,
        AttributeName: 'Policy',
        AttributeValue: '{"Statement":[]}',
      }),
    ]);
    const operations = aws.calls.map(({ operation }) => operation);
    expect(operations.indexOf('SetQueueAttributes')).toBeLessThan(operations.indexOf('Subscribe'));
  });

  it('waits for streams, then sets retention and encryption, and registers consumers', async () => {
    const { aws, deploy } = setup({
      flights: {
        template: {
          Resources: {
            Stream: {
              Type: 'AWS::Kinesis::Stream',
              Properties: {
                ShardCount: 4,
                RetentionPeriodHours: 48,
                MaxRecordSizeInKiB: 2_048,
                StreamModeDetails: { StreamMode: 'PROVISIONED' },
                StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
              },
            },
            Consumer: {
              Type: 'AWS::Kinesis::StreamConsumer',
              Properties: { ConsumerName: 'delays', StreamARN: { 'Fn::GetAtt': ['Stream', 'Arn'] } },
            },
          },
          Outputs: { Consumer: { Value: { 'Fn::GetAtt': ['Consumer', 'ConsumerARN'] } } },
        },
      },
    });

    const deployment = await deploy();

    expect(aws.inputsOf('CreateStream')).toEqual([
      {
        StreamName: 'flights-Stream-T3ST',
        ShardCount: 4,
        MaxRecordSizeInKiB: 2_048,
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
      },
    ]);
    expect(aws.inputsOf('IncreaseStreamRetentionPeriod')).toEqual([
      { StreamName: 'flights-Stream-T3ST', RetentionPeriodHours: 48 },
    ]);
    expect(aws.inputsOf('StartStreamEncryption')).toHaveLength(1);
    expect(deployment.outputs).toEqual({
      flights: {
        Consumer: 'arn:aws:kinesis:eu-west-1:000000000000:stream/flights-Stream-T3ST/consumer/delays:1',
      },
    });
  });

  it('creates the table of a global table in its own region, with TTL and recovery, and names other replicas', async () => {
    const { aws, deploy } = setup({
      leases: {
        template: {
          Resources: {
            Table: {
              Type: 'AWS::DynamoDB::GlobalTable',
              Properties: {
                AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
                KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
                BillingMode: 'PAY_PER_REQUEST',
                TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
                Replicas: [
                  {
                    Region: { Ref: 'AWS::Region' },
                    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
                    ContributorInsightsSpecification: { Enabled: true },
                  },
                  { Region: 'us-east-1' },
                ],
              },
            },
          },
        },
      },
    });
    aws.refuse(({ operation }) =>
      operation === 'UpdateContinuousBackups'
        ? { name: 'UnknownOperationException', message: 'no' }
        : undefined,
    );

    const deployment = await deploy();

    expect(aws.inputsOf('CreateTable')).toEqual([
      {
        TableName: 'leases-Table-T3ST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      },
    ]);
    expect(aws.inputsOf('UpdateTimeToLive')).toEqual([
      { TableName: 'leases-Table-T3ST', TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
    ]);
    expect(deployment.notApplied.map(({ property, reason }) => `${property}: ${reason}`)).toEqual([
      'Replicas: the replica in us-east-1 is outside eu-west-1',
      'PointInTimeRecoverySpecification: the endpoint does not have this operation (UnknownOperationException)',
      'Replicas.ContributorInsightsSpecification: it is not set through this deployment',
    ]);
  });

  it('names what it does not create, and lets others mention its keys and roles', async () => {
    const { aws, deploy } = setup({
      secured: {
        template: {
          Resources: {
            Key: { Type: 'AWS::KMS::Key' },
            Fn: { Type: 'AWS::Lambda::Function' },
            Topic: {
              Type: 'AWS::SNS::Topic',
              Properties: { KmsMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
            },
            ToFunction: {
              Type: 'AWS::SNS::Subscription',
              Properties: {
                TopicArn: { Ref: 'Topic' },
                Protocol: 'lambda',
                Endpoint: { 'Fn::GetAtt': ['Fn', 'Arn'] },
              },
            },
            Analytics: { Type: 'AWS::CDK::Metadata' },
          },
          Outputs: { FnArn: { Value: { 'Fn::GetAtt': ['Fn', 'Arn'] } } },
        },
      },
    });

    const deployment = await deploy();

    expect(aws.inputsOf('CreateTopic')[0]?.['Attributes.entry.1.value']).toMatch(
      /^arn:aws:kms:eu-west-1:000000000000:key\/[0-9a-f-]{36}$/,
    );
    expect(deployment.notCreated.map(({ logicalId, type }) => `${type} ${logicalId}`).sort()).toEqual([
      'AWS::KMS::Key Key',
      'AWS::Lambda::Function Fn',
      'AWS::SNS::Subscription ToFunction',
      'Output FnArn',
    ]);
    expect(deployment.notCreated.find(({ logicalId }) => logicalId === 'ToFunction')?.reason).toMatch(
      /^needs 'Fn', which is not created: AWS::Lambda::Function/,
    );
  });

  it('hands values from stack to stack, by export and by weak reference', async () => {
    const { deploy } = setup({
      consumer: {
        dependencies: ['producer'],
        template: {
          Resources: {},
          Outputs: {
            Strong: { Value: { 'Fn::ImportValue': 'topic-arn' } },
            Weak: {
              Value: { 'Fn::GetStackOutput': { StackName: 'producer-stack', OutputName: 'TopicArn' } },
            },
          },
        },
      },
      producer: {
        stackName: 'producer-stack',
        template: {
          Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
          Outputs: { TopicArn: { Value: { Ref: 'Topic' }, Export: { Name: 'topic-arn' } } },
        },
      },
    });

    const { outputs, stacks } = await deploy();

    const arn = 'arn:aws:sns:eu-west-1:000000000000:producer-stack-Topic-T3ST';
    expect(stacks).toEqual(['producer-stack', 'consumer']);
    expect(outputs).toMatchObject({ consumer: { Strong: arn, Weak: arn } });
  });

  it('deploys the stacks asked for with what they depend on, and no others', async () => {
    const empty = { Resources: {} };
    const { deploy } = setup({
      a: { template: empty },
      b: { template: empty, dependencies: ['a'] },
      c: { template: empty },
    });
    expect((await deploy({ stacks: ['b'] })).stacks).toEqual(['a', 'b']);
  });

  it('leaves out resources and outputs whose condition is false', async () => {
    const { aws, deploy } = setup({
      s: {
        template: {
          Parameters: { Stage: { Type: 'String', Default: 'dev' } },
          Conditions: { IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
          Resources: { Audit: { Type: 'AWS::SQS::Queue', Condition: 'IsProd' } },
          Outputs: { Audit: { Value: { Ref: 'Audit' }, Condition: 'IsProd' } },
        },
      },
    });
    expect((await deploy()).outputs).toEqual({ s: {} });
    expect(aws.calls).toEqual([]);
    expect((await deploy({ parameters: { Stage: 'prod' } })).outputs.s).toHaveProperty('Audit');
  });

  it('fills region and endpoint into bindings, and makes a worker environment of them', async () => {
    const { deploy } = setup({
      s: {
        template: {
          Resources: { Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'flights' } } },
          Outputs: {
            Flights: {
              Value: {
                'Fn::Join': [
                  '',
                  [
                    '{"v":1,"kind":"stream","name":"Flights","region":"',
                    { Ref: 'AWS::Region' },
                    '","arn":"',
                    { 'Fn::GetAtt': ['Stream', 'Arn'] },
                    '","streamName":"',
                    { Ref: 'Stream' },
                    '","record":{"name":"flight.landed","version":1},"maxRecordBytes":1048576,"retentionHours":24}',
                  ],
                ],
              },
            },
          },
        },
      },
    });

    const { bindings, environment } = await deploy();

    expect(bindings).toEqual({
      MILLRACE_STREAM_FLIGHTS: expect.objectContaining({
        streamName: 'flights',
        region: 'eu-west-1',
        endpoint: 'http://127.0.0.1:1',
      }) as unknown,
    });
    expect(environment).toEqual({
      MILLRACE_STREAM_FLIGHTS: JSON.stringify(bindings.MILLRACE_STREAM_FLIGHTS),
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  });

  it('tells every step, and deletes in the opposite order of creation when destroyed', async () => {
    const { aws, deploy } = setup({ work: { template: FIFO_PAIR } });
    const steps: string[] = [];
    const deployment = await deploy({
      onProgress: ({ kind, logicalId }) => steps.push(`${kind} ${logicalId}`),
    });

    await deployment.destroy();
    await deployment.destroy();

    expect(steps).toEqual([
      'creating Dlq',
      'created Dlq',
      'creating Queue',
      'created Queue',
      'deleted Queue',
      'deleted Dlq',
    ]);
    expect(aws.inputsOf('DeleteQueue')).toHaveLength(2);
  });
});

describe('deployAssembly refusing', () => {
  it('rejects a creation the service refuses, and deletes what was there already', async () => {
    const { aws, deploy } = setup({ work: { template: FIFO_PAIR } });
    aws.refuse(({ operation, input }) =>
      operation === 'CreateQueue' && String(input.QueueName).includes('-Queue-')
        ? { name: 'InvalidAttributeValue', message: 'too visible' }
        : undefined,
    );

    await expect(deploy()).rejects.toMatchObject({
      code: 'DEPLOY_FAILED',
      message:
        "stack 'work': AWS::SQS::Queue 'Queue' could not be created: InvalidAttributeValue: too visible; " +
        'what had been created (1) was deleted again',
    });
    expect(aws.inputsOf('DeleteQueue')).toEqual([
      { QueueUrl: 'http://127.0.0.1:1/000000000000/work-Dlq-T3ST.fifo' },
    ]);
  });

  it('names what it could not delete after a failure', async () => {
    const { aws, deploy } = setup({ work: { template: FIFO_PAIR } });
    aws.refuse(({ operation, input }) => {
      if (operation === 'DeleteQueue') return { name: 'AccessDenied', message: 'no' };
      return String(input.QueueName).includes('-Queue-') ? { name: 'OverLimit', message: 'no' } : undefined;
    });
    await expect(deploy()).rejects.toThrow(
      'left behind, delete by hand: AWS::SQS::Queue http://127.0.0.1:1/000000000000/work-Dlq-T3ST.fifo (AccessDenied)',
    );
  });

  it('rejects a physical name that exists, rather than take over a queue of somebody else', async () => {
    const { aws, deploy } = setup({
      s: { template: { Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'theirs' } } } } },
    });
    aws.holding.add('theirs');
    await expect(deploy()).rejects.toThrow(
      "a queue named 'theirs' exists already: delete it, or leave QueueName out",
    );
    expect(aws.inputsOf('CreateQueue')).toEqual([]);
    expect(aws.inputsOf('DeleteQueue')).toEqual([]);
  });

  it('rejects circular resources with the circle', async () => {
    const queue = (other: string): object => ({
      Type: 'AWS::SQS::Queue',
      Properties: { RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [other, 'Arn'] } } },
    });
    const { deploy } = setup({ s: { template: { Resources: { A: queue('B'), B: queue('A') } } } });
    await expect(deploy()).rejects.toMatchObject({
      code: 'ASSEMBLY_INVALID',
      message: expect.stringContaining('A → B → A') as unknown,
    });
  });

  it('rejects an endpoint that does not answer, with the remedy', async () => {
    const { aws, deploy } = setup({ work: { template: FIFO_PAIR } });
    const { requestHandler: _, ...target } = aws.target;
    await expect(deploy({ aws: target })).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      message: expect.stringMatching(
        /^http:\/\/127.0.0.1:1 does not answer \(ECONNREFUSED\): start/,
      ) as unknown,
    });
  });

  it('rejects when stopped, and deletes what was created by then', async () => {
    const { aws, deploy } = setup({ work: { template: FIFO_PAIR } });
    const stop = new AbortController();
    const deployment = deploy({ signal: stop.signal, onProgress: () => stop.abort() });
    await expect(deployment).rejects.toMatchObject({ code: 'STOPPED' });
    expect(aws.inputsOf('CreateQueue')).toHaveLength(1);
    expect(aws.inputsOf('DeleteQueue')).toHaveLength(1);
  });

  it('rejects every wrong option at once', async () => {
    const wrong = {
      assembli: 'x',
      assembly: '',
      aws: { regoin: 'x', endpoint: 'nowhere' },
      concurrency: 0.5,
    };
    await expect(deployAssembly(wrong as unknown as DeployOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      violations: [
        "'assembli' is no option: did you mean 'assembly'?",
        expect.stringContaining('assembly must be text'),
        "'aws.regoin' is no option: did you mean 'aws.region'?",
        expect.stringContaining('aws.region must be text'),
        'aws.endpoint must be an http or https URL, got "nowhere"',
        expect.stringContaining('concurrency must be a whole number'),
      ] as unknown,
    });
  });

  it('rejects unknown stacks and parameters, with what there is', async () => {
    const { deploy } = setup({ work: { template: FIFO_PAIR } });
    await expect(deploy({ stacks: ['wrok'] })).rejects.toThrow(
      "'wrok' is no stack of it: did you mean 'work'?",
    );
    await expect(deploy({ parameters: { Stage: 'x' } })).rejects.toThrow(
      "'Stage' is no parameter: there are none",
    );
  });
});
