import type { CheckRule } from '../check-rule.js';
import { accountKeyAccess } from '../key-access.js';
import { statementsOn } from '../policy-statements.js';

/** Another account that is let in can use the key. */
export const accountKeys: CheckRule = {
  id: 'account-keys',
  severity: 'error',
  title: 'Another account that a policy lets in can use the key',
  doc: 'https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html',
  check: (graph) =>
    graph.ofType('AWS::SQS::Queue', 'AWS::SNS::Topic').flatMap((resource) => {
      const own = resource.stack.accountId;
      const accounts = statementsOn(graph, resource)
        .filter(({ effect }) => effect === 'Allow')
        .flatMap((statement) => statement.accounts);
      return [...new Set(accounts)]
        .filter((account) => own !== undefined && account !== own)
        .flatMap((account) => {
          const refusal = accountKeyAccess(graph, resource, account);
          return refusal ? [{ resource, location: 'Properties/KmsMasterKeyId', ...refusal }] : [];
        });
    }),
};
