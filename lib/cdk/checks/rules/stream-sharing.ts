import type { CheckRule } from '../check-rule.js';
import { accountsIn, policiesOfStream } from '../stream-sharing-facts.js';

/** Another account that may use a stream can use its key. */
export const streamSharing: CheckRule = {
  id: 'stream-sharing',
  severity: 'error',
  title: 'Another account that may use a stream can use its key',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/creating-using-sse-master-keys.html',
  check: (graph) =>
    graph.ofType('AWS::Kinesis::Stream').flatMap((resource) => {
      const isManaged = JSON.stringify(resource.properties['StreamEncryption'] ?? null).includes(MANAGED);
      const others = policiesOfStream(graph, resource)
        .flatMap((policy) => accountsIn(policy.properties['ResourcePolicy']))
        .filter((account) => account !== resource.stack.accountId);
      if (!isManaged || others.length === 0) return [];
      return [
        {
          resource,
          location: 'Properties/StreamEncryption',
          problem: `lets ${[...new Set(others)].join(', ')} in by its policy, and is encrypted with alias/aws/kinesis, the key AWS manages: no other account can use that, so every call is denied`,
          fix: 'encrypt it with a customer managed key whose policy allows kms:Decrypt (readers) or kms:GenerateDataKey (producers) to that account, or use ShardedStream.shareWith',
        },
      ];
    }),
};

const MANAGED = '"alias/aws/kinesis"';
