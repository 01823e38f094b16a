import { arnOf } from './arn-facts.js';
import { factsByResource } from './fact-tables.js';
import {
  intrinsicOf,
  listOf,
  objectOf,
  type Json,
  type JsonObject,
  type TemplateGraph,
  type TemplateResource,
} from './template-graph.js';

/** One statement of a resource policy. */
export interface PolicyStatementFacts {
  /** The policy resource that holds it. */
  readonly policy: TemplateResource;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** Service principals, e.g. `sns.amazonaws.com`. */
  readonly services: readonly string[];
  /** Accounts it names, by number or by an ARN of theirs. */
  readonly accounts: readonly string[];
  /** Whether it names everybody. */
  readonly isForAnyone: boolean;
  /** Condition operators with their keys in lower case. */
  readonly conditions: readonly ConditionFacts[];
}

/** One key of one condition operator. */
export interface ConditionFacts {
  readonly operator: string;
  /** In lower case: IAM compares keys so. */
  readonly key: string;
  readonly values: readonly Json[];
}

interface PolicyKind {
  readonly policies: readonly string[];
  /** Properties that name what a policy is for: a list in the plain policy, one in the inline one. */
  readonly targets: readonly string[];
}

const POLICY_KINDS: Readonly<Record<string, PolicyKind>> = {
  'AWS::SQS::Queue': {
    policies: ['AWS::SQS::QueuePolicy', 'AWS::SQS::QueueInlinePolicy'],
    targets: ['Queues', 'Queue'],
  },
  'AWS::SNS::Topic': {
    policies: ['AWS::SNS::TopicPolicy', 'AWS::SNS::TopicInlinePolicy'],
    targets: ['Topics', 'TopicArn'],
  },
};

/** Policies that this app puts on a queue or topic. */
const policiesOf = factsByResource((graph) =>
  Object.values(POLICY_KINDS).flatMap(({ policies, targets }) =>
    graph
      .ofType(...policies)
      .flatMap((policy) =>
        targets
          .flatMap((name) => listOf(policy.properties[name]))
          .map((target) => [graph.follow(target, policy.stack), policy] as const),
      ),
  ),
);

/** Statements of the policies that this app puts on a queue or topic, or of a key's own policy. */
export function statementsOn(
  graph: TemplateGraph,
  resource: TemplateResource,
): readonly PolicyStatementFacts[] {
  if (resource.type === 'AWS::KMS::Key') return statementsOf(resource, resource.properties['KeyPolicy']);
  return policiesOf(graph, resource).flatMap((policy) =>
    statementsOf(policy, policy.properties['PolicyDocument']),
  );
}

/** How large the policies on a queue or topic are, at least: what the deployment fills in counts as nothing. */
export function policyOf(
  graph: TemplateGraph,
  resource: TemplateResource,
): { readonly statements: number; readonly bytes: number } {
  const documents = policiesOf(graph, resource).map(({ properties }) => properties['PolicyDocument']);
  return {
    statements: documents.flatMap((document) => listOf(objectOf(document)['Statement'])).length,
    bytes: documents
      .map((document) => Buffer.byteLength(JSON.stringify(literalOf(document))))
      .reduce((sum, each) => sum + each, 0),
  };
}

const literalOf = (value: Json): Json => {
  if (intrinsicOf(value).length > 0) return '';
  if (Array.isArray(value)) return value.map(literalOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literalOf(inner)]));
};

/** Whether an Allow of these statements lets a service do something, on behalf of `source` where that is given. */
export function allowsService(
  graph: TemplateGraph,
  statements: readonly PolicyStatementFacts[],
  wanted: {
    readonly service: string;
    readonly action: string;
    readonly source?: TemplateResource | undefined;
  },
): boolean {
  return statements.some(
    (statement) =>
      statement.effect === 'Allow' &&
      statement.actions.some((pattern) => matches(pattern, wanted.action)) &&
      (statement.isForAnyone || statement.services.some((service) => isService(service, wanted.service))) &&
      (wanted.source === undefined || isOpenFor(graph, statement, wanted.source)),
  );
}

/** Whether an Allow of these statements names exactly this service principal. */
export const allowsPrincipal = (
  statements: readonly PolicyStatementFacts[],
  principal: string,
  action: string,
): boolean =>
  statements.some(
    (statement) =>
      statement.effect === 'Allow' &&
      statement.actions.some((pattern) => matches(pattern, action)) &&
      (statement.isForAnyone || statement.services.includes(principal)),
  );

/** Whether an Allow has a condition that ties it to a fixed source, account, organization or caller. */
export function isNarrowed(statement: PolicyStatementFacts): boolean {
  return statement.conditions.some(
    ({ operator, key, values }) =>
      NARROWING_KEYS.includes(key) &&
      !EXCLUDING.test(operator) &&
      values.length > 0 &&
      !values.some((value) => typeof value === 'string' && ANY_SOURCE.test(value)),
  );
}

/** Operators that shut a few out, or let in who says nothing. */
const EXCLUDING = /Not|^Null$|^ForAllValues:|IfExists$/;

/** Everything, or everything of a service, such as `arn:aws:s3:::*`. */
const ANY_SOURCE = /^(?:\*|arn:[^:]*:[^:]*:[^:]*:\*?:[*/]*)$/;

const NARROWING_KEYS = [
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:sourceowner',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'sns:endpoint',
];

/** Whether what the source sends passes the statement's conditions, as far as a template can tell. */
function isOpenFor(graph: TemplateGraph, statement: PolicyStatementFacts, source: TemplateResource): boolean {
  const arns = statement.conditions.find(({ key }) => key === 'aws:sourcearn');
  if (arns === undefined) return true;
  return arns.values.some((value) => {
    const named = graph.follow(value, statement.policy.stack);
    // A literal, a pattern or another app's output can't be compared with a name that is made at deployment.
    return named === undefined ? true : named === source;
  });
}

function statementsOf(policy: TemplateResource, document: Json): readonly PolicyStatementFacts[] {
  return listOf(objectOf(document)['Statement']).map((value) => {
    const statement = objectOf(value);
    const principal = statement['Principal'];
    return {
      policy,
      effect: statement['Effect'] === 'Deny' ? 'Deny' : 'Allow',
      actions: listOf(statement['Action']).map(String),
      services: listOf(objectOf(principal)['Service']).map(textOf),
      accounts: listOf(objectOf(principal)['AWS']).flatMap((value) => accountOf(value, policy) ?? []),
      isForAnyone: principal === '*' || listOf(objectOf(principal)['AWS']).includes('*'),
      conditions: conditionsOf(objectOf(statement['Condition'])),
    };
  });
}

const accountOf = (value: Json, { stack }: TemplateResource): string | undefined =>
  typeof value === 'string' && /^\d{12}$/.test(value) ? value : arnOf(value, stack)?.account;

function conditionsOf(condition: JsonObject): readonly ConditionFacts[] {
  return Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(objectOf(keys)).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: listOf(values),
    })),
  );
}

/** A principal as text, with what the deployment fills in left out: `sns.<Region>.amazonaws.com` is still SNS. */
function textOf(value: Json): string {
  const [intrinsic, argument] = intrinsicOf(value);
  if (intrinsic === 'Fn::Join')
    return listOf((argument as Json[])[1])
      .map((part) => (typeof part === 'string' ? part : ''))
      .join('');
  return typeof value === 'string' ? value : '';
}

const isService = (given: string, wanted: string): boolean =>
  given === wanted || given.startsWith(`${wanted.split('.')[0] ?? wanted}.`);

/** Whether an action is among those that a pattern of a policy names. */
export function matches(pattern: string, action: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(action);
}
