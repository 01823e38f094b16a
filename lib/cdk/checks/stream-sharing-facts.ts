import { listOf, objectOf, type Json, type TemplateGraph, type TemplateResource } from './template-graph.js';

/** The policies that this app puts on a stream. */
export const policiesOfStream = (
  graph: TemplateGraph,
  stream: TemplateResource,
): readonly TemplateResource[] =>
  graph
    .ofType('AWS::Kinesis::ResourcePolicy')
    .filter((policy) => graph.follow(policy.properties['ResourceArn'], policy.stack) === stream);

/** Accounts that a policy's Allows name in digits: as such, or in the ARN of a role or user. */
export const accountsIn = (document: Json): readonly string[] =>
  listOf(objectOf(document)['Statement'])
    .map(objectOf)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Principal }) => listOf(objectOf(Principal)['AWS']))
    .flatMap((principal) => JSON.stringify(principal).match(/\b\d{12}\b/g) ?? []);
