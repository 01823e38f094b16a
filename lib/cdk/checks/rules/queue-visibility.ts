import type { CheckRule } from '../check-rule.js';
import { queuesOf } from '../messaging-facts.js';

/** A received message is hidden from the other workers. */
export const queueVisibility: CheckRule = {
  id: 'queue-visibility',
  severity: 'warning',
  title: 'A received message is hidden from the other workers',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/working-with-visibility-timeouts.html',
  check: (graph) =>
    queuesOf(graph)
      .filter(({ visibilitySeconds }) => visibilitySeconds === 0)
      .map(({ resource }) => ({
        resource,
        location: 'Properties/VisibilityTimeout',
        problem: 'hides messages 0 s: every worker receives what another one works on',
        fix: 'set VisibilityTimeout longer than the handler and the read timeout of the client, 30 s at least',
      })),
};
