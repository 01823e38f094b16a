import { limitOf } from '../../../contract/limits.js';
import type { CheckRule } from '../check-rule.js';
import { sharedReadersOf } from '../stream-facts.js';

/** Readers that share a stream leave each other reads. */
export const streamReaders: CheckRule = {
  id: 'stream-readers',
  severity: 'warning',
  title: 'Readers that share a stream leave each other reads',
  doc: 'https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html',
  check: (graph) =>
    graph.ofType('AWS::Kinesis::Stream').flatMap((resource) => {
      const readers = sharedReadersOf(graph, resource);
      const reads = limitOf('kinesis.shard.getRecordsPerSecond');
      if (readers.length <= reads) return [];
      return [
        {
          resource,
          location: 'Properties',
          problem: `is shared by ${readers.length} readers (${readers.map(({ logicalId }) => logicalId).join(', ')}), each of which reads every shard once a second or more often; a shard takes ${reads} reads a second from all together`,
          fix: 'give some of them enhanced fan-out (AWS::Kinesis::StreamConsumer): a consumer has 2 MB/s per shard of its own',
        },
      ];
    }),
};
