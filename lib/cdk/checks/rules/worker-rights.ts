import type { CheckRule } from '../check-rule.js';
import { mayAllow } from '../role-rights.js';
import { statementsOfTask, workersOf } from '../worker-facts.js';

/** A worker may do what its client calls. */
export const workerRights: CheckRule = {
  id: 'worker-rights',
  severity: 'error',
  title: 'A worker may do what its client calls',
  doc: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html',
  check: (graph) =>
    workersOf(graph).flatMap(({ resource, location, kind, worksOn }) => {
      const statements = statementsOfTask(graph, resource);
      if (worksOn === undefined || statements === undefined) return [];
      const missing = CALLS[kind].filter((call) => !mayAllow(statements, call, worksOn));
      if (missing.length === 0) return [];
      return [
        {
          resource,
          location: `${location}/Environment`,
          problem: `has the binding of ${worksOn.logicalId}, and its task role may not ${missing.join(', ')} there: the worker is denied at its first call`,
          fix: kind === 'queue' ? 'queue.grantConsume(taskRole)' : 'reader.grantRead(taskRole)',
        },
      ];
    }),
};

const CALLS = {
  queue: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
  reader: ['dynamodb:Scan', 'dynamodb:UpdateItem'],
} as const;
