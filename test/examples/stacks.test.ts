import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FlightsStack } from '../../examples/flights/stack.js';
import { GithubWebhooksStack } from '../../examples/github-webhooks/stack.js';
import { QuickstartStack } from '../../examples/quickstart/stack.js';

type Resources = Readonly<Record<string, { readonly Type: string }>>;

/** Types whose replacement loses messages, records or positions. */
const STATEFUL =
  /^AWS::(SQS::Queue|SNS::Topic|SNS::Subscription|Kinesis::Stream|DynamoDB::Table|S3::Bucket)$/;

const synthesize = (define: (app: App) => Stack): Template => Template.fromStack(define(new App()));

function statefulIds(template: Template): string[] {
  const { Resources: resources } = template.toJSON() as { Resources: Resources };
  return Object.keys(resources).filter((id) => STATEFUL.test(resources[id]?.Type ?? ''));
}

describe.each([
  ['github-webhooks', (app: App) => new GithubWebhooksStack(app, 'github-webhooks')],
  ['flights', (app: App) => new FlightsStack(app, 'flights')],
  ['quickstart', (app: App) => new QuickstartStack(app, 'quickstart')],
] as const)('stack %s', (_name, define) => {
  it('keeps the logical ids of everything that holds data: a new one is a replacement', () => {
    expect(statefulIds(synthesize(define)).sort()).toMatchSnapshot();
  });

  it('keeps its template', () => {
    expect(synthesize(define).toJSON()).toMatchSnapshot();
  });
});
