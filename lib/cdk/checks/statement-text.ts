import type { Json, TemplateResource } from './template-graph.js';

/** A statement that is missing. */
export interface MissingStatement {
  /** The policy's owner: a queue, a topic or a key. */
  readonly on: TemplateResource;
  /** A service principal, or an account. */
  readonly principal: { readonly service: string } | { readonly account: string };
  readonly actions: readonly string[];
  /** On whose behalf a service comes; its account alone where nothing is given. */
  readonly source?: TemplateResource | undefined;
}

/** The JSON of a statement, ready to be put into a policy of the stack of what it is on. */
export function statementText({ on, principal, actions, source }: MissingStatement): string {
  return JSON.stringify({
    Effect: 'Allow',
    Principal: 'service' in principal ? { Service: principal.service } : { AWS: rootOf(principal.account) },
    Action: actions.length === 1 ? actions[0] : actions,
    Resource: on.type === 'AWS::KMS::Key' ? '*' : arnIn(on, on),
    ...('service' in principal && { Condition: conditionOn(on, source) }),
  });
}

/** The JSON of a statement that shuts out who comes without TLS. */
export const tlsStatementText = (on: TemplateResource, action: string): string =>
  JSON.stringify({
    Effect: 'Deny',
    Principal: '*',
    Action: action,
    Resource: arnIn(on, on),
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });

/** The JSON of a statement that gives a topic's owner back what SNS's default policy gives, as far as messages go. */
export const ownerStatementText = (topic: TemplateResource): string =>
  JSON.stringify({
    Effect: 'Allow',
    Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } },
    Action: [
      'sns:Publish',
      'sns:Subscribe',
      'sns:GetTopicAttributes',
      'sns:SetTopicAttributes',
      'sns:ListSubscriptionsByTopic',
    ],
    Resource: arnIn(topic, topic),
  });

const rootOf = (account: string): Json => ({ 'Fn::Sub': `arn:\${AWS::Partition}:iam::${account}:root` });

/** By the account where the source is not known, and for a key, where the source's ARN would often be a cycle. */
function conditionOn(on: TemplateResource, source: TemplateResource | undefined): Json {
  return source === undefined || on.type === 'AWS::KMS::Key'
    ? { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }
    : { ArnEquals: { 'aws:SourceArn': arnIn(on, source) } };
}

/** A reference within one stack; elsewhere only a person knows what to write. */
function arnIn({ stack }: TemplateResource, of: TemplateResource): Json {
  if (of.stack !== stack) return `<ARN of ${of.logicalId} in ${of.stack.stackName}>`;
  return of.type === 'AWS::SNS::Topic' ? { Ref: of.logicalId } : { 'Fn::GetAtt': [of.logicalId, 'Arn'] };
}
