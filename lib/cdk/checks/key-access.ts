import { allowsService, statementsOn } from './policy-statements.js';
import { statementText } from './statement-text.js';
import type { Json, TemplateGraph, TemplateResource } from './template-graph.js';

/** Why a service can't use the key of a queue or topic, and what to do. */
export interface KeyRefusal {
  readonly problem: string;
  readonly fix: string;
}

/** Whether a service can use the key of an encrypted queue or topic; undefined when it can, or nothing is known. */
export function keyAccess(
  graph: TemplateGraph,
  encrypted: TemplateResource,
  wanted: { readonly service: string; readonly source?: TemplateResource | undefined },
): KeyRefusal | undefined {
  const id = encrypted.properties['KmsMasterKeyId'];
  if (id === undefined) return undefined;
  if (typeof id === 'string' && id.startsWith('alias/aws/')) {
    return {
      problem: `is encrypted with ${id}, the key AWS manages: its policy can't be changed, so ${wanted.service} can't send here, and nobody is told`,
      fix: 'use a customer managed key, or for a queue SSE-SQS (SqsManagedSseEnabled: true)',
    };
  }
  const key = keyOf(graph, id, encrypted);
  if (key === undefined) return undefined;
  if (allowsService(graph, statementsOn(graph, key), { ...wanted, action: 'kms:GenerateDataKey' }))
    return undefined;
  return {
    problem: `is encrypted with ${key.logicalId}, whose policy does not let ${wanted.service} use it: what it sends is lost`,
    fix: `add to the policy of ${key.logicalId}: ${statementText({ on: key, principal: { service: wanted.service }, actions: KEY_ACTIONS })}`,
  };
}

/** Whether another account can use the key of an encrypted queue or topic; undefined when it can, or nothing is known. */
export function accountKeyAccess(
  graph: TemplateGraph,
  encrypted: TemplateResource,
  account: string,
): KeyRefusal | undefined {
  const id = encrypted.properties['KmsMasterKeyId'];
  if (typeof id === 'string' && id.startsWith('alias/aws/')) {
    return {
      problem: `lets account ${account} in and is encrypted with ${id}, the key AWS manages, which no other account can use: every call from there is denied`,
      fix: 'use a customer managed key whose policy names the account, or for a queue SSE-SQS (SqsManagedSseEnabled: true)',
    };
  }
  const key = keyOf(graph, id, encrypted);
  if (key === undefined) return undefined;
  const isOpen = statementsOn(graph, key).some(
    ({ effect, accounts, isForAnyone }) => effect === 'Allow' && (isForAnyone || accounts.includes(account)),
  );
  if (isOpen) return undefined;
  return {
    problem: `lets account ${account} in and is encrypted with ${key.logicalId}, whose policy does not: every call from there is denied`,
    fix: `add to the policy of ${key.logicalId}: ${statementText({ on: key, principal: { account }, actions: KEY_ACTIONS })}`,
  };
}

const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey*'];

/** The key behind an id, an ARN or an alias of this app. */
export function keyOf(graph: TemplateGraph, id: Json, from: TemplateResource): TemplateResource | undefined {
  const named = graph.follow(id, from.stack);
  if (named?.type !== 'AWS::KMS::Alias') return named?.type === 'AWS::KMS::Key' ? named : undefined;
  return graph.follow(named.properties['TargetKeyId'], named.stack);
}
