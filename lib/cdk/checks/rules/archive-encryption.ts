import { archivesOf } from '../archive-facts.js';
import type { CheckRule } from '../check-rule.js';

/** What a topic gives to Firehose is encrypted while it waits. */
export const archiveEncryption: CheckRule = {
  id: 'archive-encryption',
  severity: 'warning',
  title: 'What a topic gives to Firehose is encrypted while it waits',
  doc: 'https://docs.aws.amazon.com/firehose/latest/dev/encryption.html',
  check: (graph) =>
    archivesOf(graph)
      .filter(
        ({ resource, from }) =>
          from === 'topic' && resource.properties['DeliveryStreamEncryptionConfigurationInput'] === undefined,
      )
      .map(({ resource }) => ({
        resource,
        location: 'Properties/DeliveryStreamEncryptionConfigurationInput',
        problem:
          'buffers what a topic publishes unencrypted; only what comes from a stream takes over its encryption',
        fix: "set DeliveryStreamEncryptionConfigurationInput { KeyType: 'AWS_OWNED_CMK' }, which is free of charge",
      })),
};
