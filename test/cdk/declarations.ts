import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { z } from 'zod';
import { defineMessage, defineRecord } from '../../lib/contract/index.js';

/** Has attributes to filter on, but no group. */
export const PushReceived = defineMessage('github.push', {
  schema: z.object({ delivery: z.string(), ref: z.string(), size: z.number() }),
  id: (push) => push.delivery,
  attributes: (push) => ({ branch: push.ref, size: push.size }),
});

/** Has neither attributes nor group. */
export const IssueOpened = defineMessage('github.issues', {
  schema: z.object({ delivery: z.string() }),
  id: (issue) => issue.delivery,
});

/** Has a group, so it fits FIFO. */
export const CommitSeen = defineMessage('github.commit', {
  schema: z.object({ sha: z.string(), repository: z.string() }),
  id: (commit) => commit.sha,
  group: (commit) => commit.repository,
});

export const FlightLanded = defineRecord('flight.landed', {
  schema: z.object({ origin: z.string() }),
  key: (flight) => flight.origin,
});

/** An app without the built-in template validation, which costs a second per synth; one test turns it on. */
export function createApp(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({ context, builtinCloudFormationValidation: false });
}

export function createStack(props?: StackProps): Stack {
  return new Stack(createApp(), 'Shop', props);
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

export function resourcesOf(stack: Stack): Readonly<Record<string, Resource>> {
  return (Template.fromStack(stack).toJSON() as { Resources?: Record<string, Resource> }).Resources ?? {};
}

/** The properties of the one resource of a type whose logical id starts so. */
export function propertiesOf(
  stack: Stack,
  type: string,
  idPrefix: string,
): Readonly<Record<string, unknown>> {
  const found = Object.entries(resourcesOf(stack)).filter(
    ([id, resource]) => resource.Type === type && id.replace(/[0-9A-F]{8}$/, '') === idPrefix,
  );
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} of ${type} ${idPrefix}`);
  return only[1].Properties ?? {};
}

/** What a role was allowed: `action on logical ids`, sorted. */
export function rightsOf(stack: Stack): string[] {
  const policies = Object.values(resourcesOf(stack)).filter(({ Type }) => Type === 'AWS::IAM::Policy');
  const statements = policies.flatMap(
    ({ Properties }) => (Properties?.['PolicyDocument'] as { Statement: Statement[] }).Statement,
  );
  return statements
    .flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => `${action} on ${[Resource].flat().map(resourceName).join(', ')}`),
    )
    .sort();
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

const resourceName = (value: unknown): string =>
  evaluate(value)
    .replace(/(?<=[A-Za-z])[0-9A-F]{8}(?=[.>])/, '')
    .replace(/\.Arn>$/, '>');

/** What CloudFormation would make of a value, with readable stand-ins for what only a deployment knows. */
export function evaluate(value: unknown): string {
  if (typeof value === 'string') return value;
  const [intrinsic, argument] = Object.entries(value as Record<string, unknown>)[0] ?? [];
  if (intrinsic === 'Ref') return `<${argument as string}>`;
  if (intrinsic === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (intrinsic === 'Fn::ImportValue') return `<import ${evaluate(argument)}>`;
  if (intrinsic === 'Fn::GetStackOutput') return `<output ${JSON.stringify(argument).replaceAll('"', '')}>`;
  if (intrinsic === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(evaluate).join(separator);
  }
  throw new Error(`the test does not know ${JSON.stringify(value)}`);
}

/** The text of the error that a call throws. */
export function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('nothing was refused');
}
