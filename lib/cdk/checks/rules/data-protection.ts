import type { CheckRule } from '../check-rule.js';

/** Nothing new is built on a feature that new accounts don't get. */
export const dataProtection: CheckRule = {
  id: 'data-protection',
  severity: 'warning',
  title: 'Message data protection is not built on',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html',
  check: (graph) =>
    graph
      .ofType('AWS::SNS::Topic')
      .filter(({ properties }) => properties['DataProtectionPolicy'] !== undefined)
      .map((resource) => ({
        resource,
        location: 'Properties/DataProtectionPolicy',
        problem:
          'has a data protection policy, which accounts that had none before 30 April 2026 can no longer have',
        fix: 'leave out or encrypt personal data before it is published, or acknowledge this in an account that has the feature',
      })),
};
