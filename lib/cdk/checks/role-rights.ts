import { factsByResource } from './fact-tables.js';
import { matches } from './policy-statements.js';
import { mentionsIn } from './references.js';
import { listOf, objectOf, type Json, type TemplateGraph, type TemplateResource } from './template-graph.js';

/** One Allow of a role. */
export interface RoleStatement {
  readonly actions: readonly string[];
  /** Whether it holds for everything there is, or for something that a template doesn't tell, such as a literal ARN. */
  readonly isForOthers: boolean;
  /** Resources of this app that it names. */
  readonly on: readonly TemplateResource[];
}

/** What AWS's own policies of functions allow, as far as queues and streams go. */
const MANAGED_POLICIES: Readonly<Record<string, readonly string[]>> = {
  AWSLambdaBasicExecutionRole: [],
  AWSLambdaVPCAccessExecutionRole: [],
  AWSXRayDaemonWriteAccess: [],
  CloudWatchLambdaInsightsExecutionRolePolicy: [],
  AWSLambdaSQSQueueExecutionRole: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  AWSLambdaKinesisExecutionRole: [
    'kinesis:Describe*',
    'kinesis:Get*',
    'kinesis:List*',
    'kinesis:SubscribeToShard',
  ],
};

/** All Allows of a role. Undefined where a template can't tell: a role of another app, a managed policy nobody knows. */
export function statementsOfRole(
  graph: TemplateGraph,
  role: TemplateResource | undefined,
): readonly RoleStatement[] | undefined {
  if (role?.type !== 'AWS::IAM::Role') return undefined;
  const managed = listOf(role.properties['ManagedPolicyArns']).map((arn) =>
    managedStatements(graph, arn, role),
  );
  if (managed.some((statements) => statements === undefined)) return undefined;
  return [
    ...managed.flatMap((statements) => statements ?? []),
    ...listOf(role.properties['Policies']).flatMap((policy) =>
      statementsOf(graph, objectOf(policy)['PolicyDocument'], role),
    ),
    ...policiesOf(graph, role).flatMap((policy) =>
      statementsOf(graph, policy.properties['PolicyDocument'], policy),
    ),
  ];
}

/** Policies that this app attaches to a role. */
const policiesOf = factsByResource((graph) =>
  graph
    .ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy')
    .flatMap((policy) =>
      [...listOf(policy.properties['Roles']), policy.properties['RoleName']].map(
        (value) => [graph.follow(value, policy.stack), policy] as const,
      ),
    ),
);

/** Whether a role may do something with a resource. What a template can't tell counts as yes. */
export const mayAllow = (
  statements: readonly RoleStatement[],
  action: string,
  on: TemplateResource,
): boolean =>
  statements.some(
    ({ actions, isForOthers, on: named }) =>
      (isForOthers || named.includes(on)) && actions.some((pattern) => matches(pattern, action)),
  );

/** Resources of this app with which a role may surely do something. */
export const allowedOn = (
  statements: readonly RoleStatement[],
  action: string,
): readonly TemplateResource[] => [
  ...new Set(
    statements
      .filter(({ actions }) => actions.some((pattern) => matches(pattern, action)))
      .flatMap(({ on }) => on),
  ),
];

function managedStatements(
  graph: TemplateGraph,
  arn: Json,
  role: TemplateResource,
): readonly RoleStatement[] | undefined {
  const own = graph.follow(arn, role.stack);
  if (own?.type === 'AWS::IAM::ManagedPolicy')
    return statementsOf(graph, own.properties['PolicyDocument'], own);
  const text = JSON.stringify(arn);
  const known = Object.entries(MANAGED_POLICIES).find(([name]) => text.includes(`/${name}"`));
  return known && [{ actions: known[1], isForOthers: true, on: [] }];
}

function statementsOf(graph: TemplateGraph, document: Json, from: TemplateResource): RoleStatement[] {
  return listOf(objectOf(document)['Statement']).flatMap((value) => {
    const { Effect, Action, NotAction, Resource, NotResource } = objectOf(value);
    if (Effect !== 'Allow') return [];
    const named = listOf(Resource).map((resource) => mentionsIn(graph, resource, from));
    return [
      {
        // All but a few: what exactly is left can't be named, and counts as allowed.
        actions: NotAction === undefined ? listOf(Action).map(String) : ['*'],
        isForOthers: NotResource !== undefined || named.some((resources) => resources.length === 0),
        on: named.flat(),
      },
    ];
  });
}
