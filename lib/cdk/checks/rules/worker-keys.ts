import type { CheckRule } from '../check-rule.js';
import { keyBehind } from '../key-facts.js';
import { mentionsIn } from '../references.js';
import { mayAllow } from '../role-rights.js';
import { statementsOfTask, workersOf } from '../worker-facts.js';

/** A worker can use the key of its queue. */
export const workerKeys: CheckRule = {
  id: 'worker-keys',
  severity: 'error',
  title: 'A worker can use the key of its queue',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#receive-from-encrypted-queue',
  check: (graph) =>
    workersOf(graph).flatMap(({ resource, location, kind, worksOn }) => {
      const key = kind === 'queue' && worksOn ? keyBehind(graph, worksOn) : undefined;
      const statements = statementsOfTask(graph, resource);
      if (worksOn === undefined || key === undefined || statements === undefined) return [];
      if (mayAllow(statements, 'kms:Decrypt', key)) return [];
      const role = graph.follow(resource.properties['TaskRoleArn'], resource.stack);
      if (role && mentionsIn(graph, key.properties['KeyPolicy'], key).includes(role)) return [];
      return [
        {
          resource,
          location,
          problem: `works on ${worksOn.logicalId}, and its task role may not decrypt with the key ${key.logicalId}: every receive is denied`,
          fix: `use grantConsume, or add to its role: {"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"<ARN of ${key.logicalId}>"}`,
        },
      ];
    }),
};
