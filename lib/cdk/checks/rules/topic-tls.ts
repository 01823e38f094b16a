import type { CheckRule } from '../check-rule.js';
import { statementsOn } from '../policy-statements.js';
import { ownerStatementText, tlsStatementText } from '../statement-text.js';
import { isTlsRule } from '../tls-statements.js';

/** Topics take TLS only. */
export const topicTls: CheckRule = {
  id: 'topic-tls',
  severity: 'warning',
  title: 'Topics take TLS only',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html#enforce-encryption-data-in-transit',
  check: (graph) =>
    graph
      .ofType('AWS::SNS::Topic')
      .filter((topic) => !statementsOn(graph, topic).some(isTlsRule))
      .map((resource) => ({
        resource,
        location: 'Properties',
        problem: 'takes messages without TLS',
        fix: `set enforceSSL: true, or add to its policy: ${tlsStatementText(resource, 'sns:Publish')}; either replaces SNS's default policy, so that the account needs its Allow back: ${ownerStatementText(resource)}`,
      })),
};
