import type { CheckRule } from '../check-rule.js';
import { keyUsesOf } from '../key-facts.js';
import { mentionsIn } from '../references.js';

/** A key and what it encrypts can be made one after the other. */
export const keyCycle: CheckRule = {
  id: 'key-cycle',
  severity: 'error',
  title: 'A key and what it encrypts can be made one after the other',
  doc: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-dependency-error',
  check: (graph) =>
    keyUsesOf(graph)
      .filter(
        ({ key, encrypted }) =>
          key.stack === encrypted.stack &&
          mentionsIn(graph, key.properties['KeyPolicy'], key).includes(encrypted),
      )
      .map(({ key, encrypted }) => ({
        resource: key,
        location: 'Properties/KeyPolicy',
        problem: `names ${encrypted.logicalId} in its policy, which is encrypted with it: neither can be made before the other, and the deployment fails (aws-cdk#35418)`,
        fix: 'let the statement hold for the account (StringEquals aws:SourceAccount), or give topic and queue a key each',
      })),
};
