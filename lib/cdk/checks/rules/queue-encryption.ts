import type { CheckRule } from '../check-rule.js';
import { switchOf } from '../template-graph.js';

/** A queue is encrypted at rest. */
export const queueEncryption: CheckRule = {
  id: 'queue-encryption',
  severity: 'warning',
  title: 'A queue is encrypted at rest',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html',
  check: (graph) =>
    graph
      .ofType('AWS::SQS::Queue')
      .filter(({ properties }) => {
        const managed = properties['SqsManagedSseEnabled'];
        return managed !== undefined && switchOf(managed) === false && !properties['KmsMasterKeyId'];
      })
      .map((resource) => ({
        resource,
        location: 'Properties/SqsManagedSseEnabled',
        problem: 'keeps messages unencrypted, though SSE-SQS is free and the default',
        fix: 'leave SqsManagedSseEnabled out, or set KmsMasterKeyId',
      })),
};
