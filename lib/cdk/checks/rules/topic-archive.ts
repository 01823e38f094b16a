import type { CheckRule, Finding } from '../check-rule.js';
import { subscriptionsOf } from '../messaging-facts.js';
import { switchOf, type TemplateGraph } from '../template-graph.js';

/** Only a FIFO topic keeps an archive, and only an archive is replayed. */
export const topicArchive: CheckRule = {
  id: 'topic-archive',
  severity: 'error',
  title: 'Only a FIFO topic keeps an archive, and only an archive is replayed',
  doc: 'https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html',
  check: (graph) => [...ofTopics(graph), ...ofReplays(graph)],
};

const ofTopics = (graph: TemplateGraph): readonly Finding[] =>
  graph
    .ofType('AWS::SNS::Topic')
    .filter(
      ({ properties }) =>
        properties['ArchivePolicy'] !== undefined && switchOf(properties['FifoTopic']) === false,
    )
    .map((resource) => ({
      resource,
      location: 'Properties/ArchivePolicy',
      problem: 'is a standard topic, which keeps no archive: the deployment fails',
      fix: 'make the topic FIFO, or archive through a subscription of Firehose',
    }));

const ofReplays = (graph: TemplateGraph): readonly Finding[] =>
  subscriptionsOf(graph)
    .filter(
      ({ resource, topic }) =>
        resource.properties['ReplayPolicy'] !== undefined &&
        topic !== undefined &&
        topic.properties['ArchivePolicy'] === undefined,
    )
    .map(({ resource, topic }) => ({
      resource,
      location: 'Properties/ReplayPolicy',
      problem: `replays the archive of ${topic?.logicalId ?? 'its topic'}, which keeps none`,
      fix: 'set ArchivePolicy { MessageRetentionPeriod: <days> } on the FIFO topic, or leave ReplayPolicy out',
    }));
