import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FlightsStack } from '../../examples/flights/stack.js';
import { GithubWebhooksStack } from '../../examples/github-webhooks/stack.js';
import { QuickstartStack } from '../../examples/quickstart/stack.js';

/** The first and the last call that CloudFormation makes for a resource of each type. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
  'AWS::CloudWatch::CompositeAlarm': ['cloudwatch:PutCompositeAlarm', 'cloudwatch:DeleteAlarms'],
  'AWS::CloudWatch::Dashboard': ['cloudwatch:PutDashboard', 'cloudwatch:DeleteDashboards'],
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
  readonly Action: string | readonly string[];
}

function documentedActions(): readonly string[] {
  const page = readFileSync(join(__dirname, '../../docs/deploying.md'), 'utf8');
  const [, json = ''] = /```json permissions: deployment\n(.*?)```/s.exec(page) ?? [];
  const { Statement: statements } = JSON.parse(json) as { readonly Statement: readonly Statement[] };
  return statements.flatMap(({ Action: action }) => action);
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
