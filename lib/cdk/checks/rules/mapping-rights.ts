import type { CheckRule, Finding } from '../check-rule.js';
import { keyBehind } from '../key-facts.js';
import { mappingsOf, type MappingFacts } from '../messaging-facts.js';
import { mentionsIn } from '../references.js';
import { mayAllow, statementsOfRole, type RoleStatement } from '../role-rights.js';
import type { TemplateGraph, TemplateResource } from '../template-graph.js';

/** A function may do what Lambda does in its name. */
export const mappingRights: CheckRule = {
  id: 'mapping-rights',
  severity: 'error',
  title: 'A function may do what Lambda does in its name',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
  check: (graph) =>
    Object.keys(CALLS).flatMap((type) =>
      mappingsOf(graph, type).flatMap((mapping) => {
        const role = mapping.worker && roleOf(graph, mapping.worker);
        const statements = statementsOfRole(graph, role);
        if (role === undefined || statements === undefined) return [];
        return [...missingCalls(mapping, statements), ...missingKey(graph, mapping, { role, statements })];
      }),
    ),
};

/** What Lambda calls with the function's role. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  'AWS::SQS::Queue': ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  'AWS::Kinesis::Stream': ['kinesis:GetRecords', 'kinesis:GetShardIterator'],
  'AWS::Kinesis::StreamConsumer': ['kinesis:SubscribeToShard'],
};

const roleOf = (graph: TemplateGraph, worker: TemplateResource): TemplateResource | undefined =>
  graph.follow(worker.properties['Role'], worker.stack);

function missingCalls({ source, worker }: MappingFacts, statements: readonly RoleStatement[]): Finding[] {
  const missing = (CALLS[source.type] ?? []).filter((call) => !mayAllow(statements, call, source));
  if (worker === undefined || missing.length === 0) return [];
  return [
    {
      resource: worker,
      location: 'Properties/Role',
      problem: `is fed by ${source.logicalId}, and its role may not ${missing.join(', ')} there: Lambda refuses the mapping`,
      fix: `add to its role: { "Effect": "Allow", "Action": ${JSON.stringify(missing)}, "Resource": "<ARN of ${source.logicalId}>" }, or use addEventSource`,
    },
  ];
}

function missingKey(
  graph: TemplateGraph,
  { source, worker }: MappingFacts,
  { role, statements }: { readonly role: TemplateResource; readonly statements: readonly RoleStatement[] },
): Finding[] {
  const key = keyBehind(graph, source);
  if (worker === undefined || key === undefined || mayAllow(statements, 'kms:Decrypt', key)) return [];
  if (mentionsIn(graph, key.properties['KeyPolicy'], key).includes(role)) return [];
  return [
    {
      resource: worker,
      location: 'Properties/Role',
      problem: `is fed by ${source.logicalId}, and its role may not decrypt with the key ${key.logicalId}: Lambda receives nothing`,
      fix: `add to its role: { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "<ARN of ${key.logicalId}>" }, or key.grantDecrypt(fn)`,
    },
  ];
}
