import type { CheckRule } from '../check-rule.js';
import { keyAccess } from '../key-access.js';
import { publishersOf } from '../publisher-facts.js';

/** A service that sends to an encrypted queue or topic can use its key. */
export const publisherKeys: CheckRule = {
  id: 'publisher-keys',
  severity: 'error',
  title: 'A service that sends to an encrypted queue or topic can use its key',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services',
  check: (graph) =>
    publishersOf(graph).flatMap(({ service, target, source }) => {
      const refusal = keyAccess(graph, target, { service, source });
      return refusal ? [{ resource: target, location: 'Properties/KmsMasterKeyId', ...refusal }] : [];
    }),
};
