import type { CheckRule } from '../check-rule.js';

/** A stream is encrypted at rest. */
export const streamEncryption: CheckRule = {
  id: 'stream-encryption',
  severity: 'warning',
  title: 'A stream is encrypted at rest',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html',
  check: (graph) =>
    graph
      .ofType('AWS::Kinesis::Stream')
      .filter(({ properties }) => properties['StreamEncryption'] === undefined)
      .map((resource) => ({
        resource,
        location: 'Properties/StreamEncryption',
        problem: 'keeps records unencrypted',
        fix: "set StreamEncryption { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }, which is free of charge",
      })),
};
