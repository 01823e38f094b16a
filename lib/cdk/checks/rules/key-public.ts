import type { CheckRule } from '../check-rule.js';
import { keyUsesOf } from '../key-facts.js';
import { isNarrowed, statementsOn } from '../policy-statements.js';

/** Nobody outside may use the key of messages. */
export const keyPublic: CheckRule = {
  id: 'key-public',
  severity: 'error',
  title: 'Nobody outside may use the key of messages',
  doc: 'https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html',
  check: (graph) => {
    const uses = keyUsesOf(graph);
    return [...new Set(uses.map(({ key }) => key))].flatMap((resource) =>
      statementsOn(graph, resource)
        .filter(
          (statement) =>
            statement.effect === 'Allow' &&
            statement.isForAnyone &&
            !isNarrowed(statement) &&
            !statement.conditions.some(({ key }) => CALLER_KEYS.includes(key)),
        )
        .map(({ actions }) => ({
          resource,
          location: 'Properties/KeyPolicy',
          problem: `allows ${actions.join(', ')} to everybody in the world, and encrypts ${uses
            .filter(({ key }) => key === resource)
            .map(({ encrypted }) => encrypted.logicalId)
            .join(', ')}`,
          fix: 'name the principals, or add a condition: StringEquals kms:CallerAccount',
        })),
    );
  },
};

/** Conditions of KMS that tie a statement to an account. */
const CALLER_KEYS = ['kms:calleraccount', 'aws:principalaccount'];
