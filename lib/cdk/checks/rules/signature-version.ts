import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';

/** What SNS posts to a URL is signed with SHA-256. */
export const signatureVersion: CheckRule = {
  id: 'signature-version',
  severity: 'warning',
  title: 'What SNS posts to a URL is signed with SHA-256',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
  check: (graph) => {
    const topics = subscriptionsOf(graph)
      .filter(({ protocol }) => protocol === 'https' || protocol === 'http')
      .flatMap(({ topic }) => topic ?? []);
    return [...new Set(topics)]
      .filter(({ properties }) => ['1', 1, undefined].includes(properties['SignatureVersion'] as '1'))
      .map((resource) => ({
        resource,
        location: 'Properties/SignatureVersion',
        problem: 'signs what it posts to URLs with SHA-1, which is no longer proof of who sent it',
        fix: "set SignatureVersion: '2'",
      }));
  },
};
