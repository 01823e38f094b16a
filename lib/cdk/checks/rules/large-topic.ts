import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { numberOf } from '../template-graph.js';

/** A topic of large messages has subscribers that can take them. */
export const largeTopic: CheckRule = {
  id: 'large-topic',
  severity: 'error',
  title: 'A topic of messages over 256 KiB has subscribers that can take them',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html',
  check: (graph) => {
    const subscriptions = subscriptionsOf(graph);
    const most = limitOf('sns.fifo.maxSubscriptions');
    return graph.ofType('AWS::SNS::Topic').flatMap((topic) => {
      const small = limitOf('sns.message.defaultBytes');
      const bytes = numberOf(topic.properties['MaximumMessageSize'], small);
      if (bytes === undefined || bytes <= small) return [];
      const own = subscriptions.filter((subscription) => subscription.topic === topic);
      const strangers = own.filter(({ protocol }) => !TAKERS.includes(protocol));
      return [
        ...strangers.map(({ resource, protocol }) => ({
          resource,
          location: 'Properties/Protocol',
          problem: `delivers by ${protocol} from ${topic.logicalId}, whose messages may have ${bytes} bytes; over ${small} SNS delivers by ${TAKERS.join(', ')} only: the deployment fails`,
          fix: `put a function between them, or set MaximumMessageSize to ${small} and send large payloads as claim checks`,
        })),
        ...(own.length > most
          ? [
              {
                resource: topic,
                location: 'Properties/MaximumMessageSize',
                problem: `takes messages of ${bytes} bytes and has ${own.length} subscriptions; over ${small} bytes a topic has at most ${most}`,
                fix: `set MaximumMessageSize to ${small}, or fan out in two steps`,
              },
            ]
          : []),
      ];
    });
  },
};

const TAKERS: readonly string[] = ['sqs', 'lambda', 'firehose'];
