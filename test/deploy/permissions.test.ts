import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { TEMPLATES } from '../../examples/catalogue.js';
import { FlightsStack } from '../../examples/flights/stack.js';
import { GithubWebhooksStack } from '../../examples/github-webhooks/stack.js';
import { QuickstartStack } from '../../examples/quickstart/stack.js';

/** The first and the last call that CloudFormation makes for a resource of each type. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
  'AWS::CloudWatch::CompositeAlarm': ['cloudwatch:PutCompositeAlarm', 'cloudwatch:DeleteAlarms'],
  'AWS::CloudWatch::Dashboard': ['cloudwatch:PutDashboard', 'cloudwatch:DeleteDashboards'],
  'AWS::Lambda::EventSourceMapping': ['lambda:CreateEventSourceMapping', 'lambda:DeleteEventSourceMapping'],
  'AWS::Lambda::Function': ['lambda:CreateFunction', 'lambda:DeleteFunction', 's3:GetObject', 'iam:PassRole'],
  'AWS::Lambda::Permission': ['lambda:AddPermission', 'lambda:RemovePermission'],
  'AWS::Lambda::Url': ['lambda:CreateFunctionUrlConfig', 'lambda:DeleteFunctionUrlConfig'],
  'AWS::IAM::Policy': ['iam:PutRolePolicy', 'iam:DeleteRolePolicy'],
  'AWS::IAM::Role': ['iam:CreateRole', 'iam:DeleteRole', 'iam:AttachRolePolicy'],
  'AWS::KinesisFirehose::DeliveryStream': ['firehose:CreateDeliveryStream', 'firehose:DeleteDeliveryStream'],
  'AWS::Logs::LogGroup': ['logs:CreateLogGroup', 'logs:DeleteLogGroup', 'logs:PutRetentionPolicy'],
  'AWS::Logs::LogStream': ['logs:CreateLogStream', 'logs:DeleteLogStream'],
  'AWS::RDS::EventSubscription': ['rds:CreateEventSubscription', 'rds:DeleteEventSubscription'],
  'AWS::S3::Bucket': ['s3:CreateBucket', 's3:DeleteBucket', 's3:PutLifecycleConfiguration'],
  'AWS::S3::BucketPolicy': ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
  'AWS::SecretsManager::Secret': ['secretsmanager:CreateSecret', 'secretsmanager:DeleteSecret'],
  'AWS::DynamoDB::Table': ['dynamodb:CreateTable', 'dynamodb:DeleteTable', 'dynamodb:UpdateTimeToLive'],
  'AWS::Kinesis::Stream': ['kinesis:CreateStream', 'kinesis:DeleteStream'],
  'AWS::Kinesis::StreamConsumer': ['kinesis:RegisterStreamConsumer', 'kinesis:DeregisterStreamConsumer'],
  'AWS::SNS::Subscription': ['sns:Subscribe', 'sns:Unsubscribe'],
  'AWS::SNS::Topic': ['sns:CreateTopic', 'sns:DeleteTopic'],
  'AWS::SNS::TopicPolicy': ['sns:SetTopicAttributes'],
  'AWS::SQS::Queue': ['sqs:CreateQueue', 'sqs:DeleteQueue'],
  'AWS::SQS::QueuePolicy': ['sqs:SetQueueAttributes'],
};

interface Statement {
  readonly Sid: string;
  readonly Action: string | readonly string[];
}

const PAGE = readFileSync(join(__dirname, '../../docs/deploying.md'), 'utf8');

function statementsOf(block: 'deployment' | 'templates'): readonly Statement[] {
  const [, json = ''] = new RegExp(`\`\`\`json permissions: ${block}\\n(.*?)\`\`\``, 's').exec(PAGE) ?? [];
  return (JSON.parse(json) as { readonly Statement: readonly Statement[] }).Statement;
}

const actionsOf = (statements: readonly Statement[]): readonly string[] =>
  statements.flatMap(({ Action: action }) => action);

const documentedActions = (): readonly string[] => actionsOf(statementsOf('deployment'));

/** The statements that an app's row names. */
function rowOf(app: string): readonly Statement[] {
  const [, names = ''] = new RegExp(`^\\| \`${app}\` +\\| (.*?) +\\|$`, 'm').exec(PAGE) ?? [];
  const all = [...statementsOf('deployment'), ...statementsOf('templates')];
  return names.split(', ').map((name) => all.find(({ Sid }) => Sid === name)!);
}

const APPS: Readonly<Record<string, (app: App) => unknown>> = {
  'github-webhooks': (app) => new GithubWebhooksStack(app, 'stack'),
  flights: (app) => new FlightsStack(app, 'stack'),
  quickstart: (app) => new QuickstartStack(app, 'stack'),
  ...Object.fromEntries(Object.entries(TEMPLATES).map(([name, { create }]) => [name, create])),
};

function typesOf(create: (app: App) => unknown): readonly string[] {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  create(app);
  const templates = app
    .synth()
    .stacks.map(({ template }) => template as { Resources: Record<string, { Type: string }> });
  return [...new Set(templates.flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)))];
}

const STACKS = [GithubWebhooksStack, FlightsStack, QuickstartStack];

function deployedTypes(): readonly string[] {
  const app = new App({ analyticsReporting: false });
  const stacks = STACKS.map((Stack, index) => new Stack(app, `stack${index}`));
  const templates = stacks.map((stack) => Template.fromStack(stack));
  const resources = templates.flatMap((template) =>
    Object.values((template.toJSON() as { Resources: Record<string, { Type: string }> }).Resources),
  );
  return [...new Set(resources.map(({ Type }) => Type))].sort();
}

describe('the deployment policy of docs/deploying.md', () => {
  it('covers every resource type of the example stacks', () => {
    const actions = documentedActions();
    const missing = deployedTypes().flatMap((type) => {
      const calls = CALLS[type] ?? [`the calls of ${type} in this test`];
      return calls.filter((call) => !actions.includes(call));
    });
    expect(missing).toEqual([]);
  });

  it('names each action once', () => {
    const actions = documentedActions();
    expect(new Set(actions).size).toBe(actions.length);
  });
});

describe('the smallest policy', () => {
  it.each(Object.entries(APPS))('of %s covers its resources, with no statement too many', (name, create) => {
    const needed = typesOf(create).flatMap((type) => CALLS[type] ?? [`the calls of ${type} in this test`]);
    const row = rowOf(name);
    const missing = needed.filter((call) => !actionsOf(row).includes(call));
    const idle = row.filter((statement) => !actionsOf([statement]).some((action) => needed.includes(action)));
    expect({ missing, idle: idle.map(({ Sid }) => Sid) }).toEqual({ missing: [], idle: [] });
  });
});
