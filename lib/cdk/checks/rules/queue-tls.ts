import type { CheckRule } from '../check-rule.js';
import { statementsOn } from '../policy-statements.js';
import { isTlsRule } from '../tls-statements.js';
import { tlsStatementText } from '../statement-text.js';

/** Queues take TLS only. */
export const queueTls: CheckRule = {
  id: 'queue-tls',
  severity: 'warning',
  title: 'Queues take TLS only',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html#enforce-encryption-data-in-transit',
  check: (graph) =>
    graph
      .ofType('AWS::SQS::Queue')
      .filter((queue) => !statementsOn(graph, queue).some(isTlsRule))
      .map((resource) => ({
        resource,
        location: 'Properties',
        problem: 'takes requests without TLS',
        fix: `set enforceSSL: true, or add to its policy: ${tlsStatementText(resource, 'sqs:*')}`,
      })),
};
