import { App, PropertyInjectors, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { TEMPLATES } from '../../examples/catalogue.js';
import { createScannedApp, FOREIGN } from '../../.config/scanners/cases.js';
import { FanoutTopic, ShardedStream, WorkQueueWithDLQ } from '../../lib/cdk/index.js';
import {
  createApp,
  createStack,
  FlightLanded,
  IssueOpened,
  propertiesOf,
  resourcesOf,
} from './declarations.js';

/** Properties that name a resource for the whole account and Region. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::Kinesis::Stream': 'Name',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::KMS::Alias': 'AliasName',
};

describe('every construct under every posture', () => {
  const resources = createScannedApp().stacks.flatMap(({ name, posture, stack }) =>
    Object.entries(resourcesOf(stack)).map(([id, resource]) => ({
      id,
      resource,
      where: `${name}, ${posture}: ${id}`,
    })),
  );
  const ours = resources.filter(({ id }) => !id.startsWith(FOREIGN));

  it('makes resources', () => {
    expect(ours.length).toBeGreaterThan(100);
  });

  it('names nothing physically, but for FIFO topics, which aws-cdk-lib names after their path', () => {
    const named = ours
      .filter(({ resource }) => resource.Properties?.[NAMES[resource.Type] ?? ''] !== undefined)
      .filter(({ resource }) => resource.Properties?.['FifoTopic'] !== true);
    expect(named.map(({ where }) => where)).toEqual([]);
  });

  it('makes no custom resource and no helper function', () => {
    const helpers = ours.filter(
      ({ resource: { Type } }) =>
        Type === 'AWS::Lambda::Function' || /^(Custom::|AWS::CloudFormation::)/.test(Type),
    );
    expect(helpers.map(({ where }) => where)).toEqual([]);
  });
});

describe('property injection', () => {
  it('reaches the queues and tables inside, under what the constructs decide', () => {
    const stack = createStack();
    PropertyInjectors.of(stack).add(
      {
        constructUniqueId: Queue.PROPERTY_INJECTION_ID,
        inject: (props: QueueProps) => ({
          ...props,
          dataKeyReuse: undefined,
          removalPolicy: RemovalPolicy.RETAIN,
        }),
      },
      {
        constructUniqueId: Table.PROPERTY_INJECTION_ID,
        inject: (props: TableProps) => ({ ...props, contributorInsightsSpecification: { enabled: true } }),
      },
    );
    new WorkQueueWithDLQ(stack, 'Builds', { idempotency: true });
    expect(resourcesOf(stack)).toMatchObject(
      Object.fromEntries(
        Object.entries(resourcesOf(stack))
          .filter(([, { Type }]) => Type === 'AWS::SQS::Queue')
          .map(([id]) => [id, { DeletionPolicy: 'Retain', Properties: { SqsManagedSseEnabled: true } }]),
      ),
    );
    expect(propertiesOf(stack, 'AWS::DynamoDB::Table', 'BuildsIdempotencyTable')).toMatchObject({
      ContributorInsightsSpecification: { Enabled: true },
    });
  });
});

describe.each([
  [
    'WorkQueueWithDLQ',
    Queue.PROPERTY_INJECTION_ID,
    (stack: Stack) => new WorkQueueWithDLQ(stack, 'Made').queue,
  ],
  [
    'FanoutTopic',
    Topic.PROPERTY_INJECTION_ID,
    (stack: Stack) => new FanoutTopic(stack, 'Made', { messages: [IssueOpened] }).topic,
  ],
  [
    'ShardedStream',
    Stream.PROPERTY_INJECTION_ID,
    (stack: Stack) => new ShardedStream(stack, 'Made', { record: FlightLanded }).stream,
  ],
] as const)('the resource inside a %s', (_name, constructUniqueId, create) => {
  it('is injected once', () => {
    const stack = createStack();
    const injected: string[] = [];
    PropertyInjectors.of(stack).add({
      constructUniqueId,
      inject: (props, { scope, id }) => {
        injected.push(`${scope.node.path}/${id}`);
        return props as object;
      },
    });
    const { path } = create(stack).node;
    expect(injected.filter((each) => each === path)).toEqual(['Shop/Made/Default']);
    expect(new Set(injected).size).toBe(injected.length);
  });
});

describe.each(Object.entries(TEMPLATES))('the example %s', (_name, { create }) => {
  const app = new App({ builtinCloudFormationValidation: false, context: { 'aws:cdk:bundling-stacks': [] } });
  create(app);
  const stacks = app.node.children.filter((child) => Stack.isStack(child));
  const resources = stacks.flatMap((stack) => Object.values(resourcesOf(stack)));

  it('has no custom resource, and no physical name but those of FIFO topics', () => {
    const strange = resources.filter(
      ({ Type, Properties }) =>
        /^(Custom::|AWS::CloudFormation::)/.test(Type) ||
        (Properties?.[NAMES[Type] ?? ''] !== undefined && Properties['FifoTopic'] !== true),
    );
    expect([resources.length > 0, strange.map(({ Type }) => Type)]).toEqual([true, []]);
  });
});

describe.each(['weak', 'strong'])('across stacks, with %s references', (references) => {
  const INTRINSIC = references === 'weak' ? '"Fn::GetStackOutput"' : '"Fn::ImportValue"';

  function setup(): { readonly data: Stack; readonly services: Stack; readonly role: Role } {
    const app = createApp({ '@aws-cdk/core:defaultCrossStackReferences': references });
    const [data, services] = [new Stack(app, 'Data'), new Stack(app, 'Services')];
    const role = new Role(services, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    return { data, services, role };
  }

  it.each<[string, (data: Stack, role: Role) => void]>([
    [
      'a worker of a queue',
      (data, role) => {
        new WorkQueueWithDLQ(data, 'Builds', { idempotency: true, posture: 'cmk' }).grantConsume(role);
      },
    ],
    [
      'a publisher of a topic',
      (data, role) => {
        new FanoutTopic(data, 'Events', { messages: [IssueOpened], posture: 'cmk' }).grantPublish(role);
      },
    ],
    [
      'a reader of a stream',
      (data, role) => {
        new ShardedStream(data, 'Flights', { record: FlightLanded, posture: 'cmk' })
          .addReader('delays')
          .grantRead(role);
      },
    ],
  ])('%s depends on the stack of its data, and not the other way round', (_name, grant) => {
    const { data, services, role } = setup();
    grant(data, role);
    const template = JSON.stringify(Template.fromStack(services).toJSON());
    expect(template).toContain(INTRINSIC);
    expect(JSON.stringify(Template.fromStack(data).toJSON())).not.toContain(INTRINSIC);
    expect(services.dependencies.map(({ node }) => node.id)).toEqual(['Data']);
  });
});
