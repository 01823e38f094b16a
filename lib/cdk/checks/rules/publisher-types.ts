import type { CheckRule } from '../check-rule.js';
import { publishersOf, type PublisherFacts } from '../publisher-facts.js';
import { switchOf } from '../template-graph.js';

/** A service that sends to a FIFO queue or topic can. */
export const publisherTypes: CheckRule = {
  id: 'publisher-types',
  severity: 'error',
  title: 'A service that sends to a FIFO queue or topic is able to',
  doc: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html',
  check: (graph) =>
    publishersOf(graph).flatMap((publisher) => {
      const { resource, location, target } = publisher;
      const isQueue = target.type === 'AWS::SQS::Queue';
      if (switchOf(target.properties[isQueue ? 'FifoQueue' : 'FifoTopic']) !== true) return [];
      return reasonsOf(publisher, isQueue).map(({ problem, fix }) => ({
        resource,
        location,
        problem: `${problem}: the deployment fails`,
        fix,
      }));
    }),
};

function reasonsOf(
  { service, target, hasGroup }: PublisherFacts,
  isQueue: boolean,
): readonly { readonly problem: string; readonly fix: string }[] {
  const kind = isQueue ? 'queue' : 'topic';
  if (NO_GROUPS.includes(service)) {
    return [
      {
        problem: `makes ${service} send to FIFO ${kind} ${target.logicalId}, and it knows no message groups`,
        fix: `make the ${kind} standard, or put a function or a pipe between them that names the group`,
      },
    ];
  }
  return isQueue && !hasGroup
    ? [
        {
          problem: `sends to FIFO queue ${target.logicalId} without a message group`,
          fix: 'set SqsParameters { MessageGroupId } on the target (messageGroupId of SqsQueue)',
        },
      ]
    : [];
}

const NO_GROUPS: readonly string[] = ['s3.amazonaws.com', 'events.rds.amazonaws.com'];
