import type { CheckRule } from '../check-rule.js';
import { deadLetterPairs } from '../messaging-facts.js';

/** A dead-letter queue keeps messages longer than its queue. */
export const deadLetterRetention: CheckRule = {
  id: 'dead-letter-retention',
  severity: 'warning',
  title: 'A dead-letter queue keeps messages longer than its queue',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html',
  check: (graph) =>
    deadLetterPairs(graph).flatMap(({ source, deadLetters }) => {
      const [own, theirs] = [source.retentionSeconds, deadLetters.retentionSeconds];
      if (source.isFifo === undefined || own === undefined || theirs === undefined) return [];
      // The clock of a FIFO message starts anew when it is moved: there as long is long enough.
      if (source.isFifo ? own <= theirs : own < theirs) return [];
      return [
        {
          resource: deadLetters.resource,
          location: 'Properties/MessageRetentionPeriod',
          problem: `keeps messages ${theirs} s, and ${source.resource.logicalId} ${own} s: ${source.isFifo ? 'people have less time than the worker had' : 'age counts from when a message was first sent, so it may expire here at once'}`,
          fix: 'set MessageRetentionPeriod: 1209600 on the dead-letter queue, and less on the queue',
        },
      ];
    }),
};
