import type { CheckRule } from '../check-rule.js';
import { streamFacts, streamMappingsOf } from '../stream-facts.js';
import { numberOf } from '../template-graph.js';

/** A function gives records up before its stream does. */
export const streamRecordAge: CheckRule = {
  id: 'stream-record-age',
  severity: 'warning',
  title: 'A function gives records up before its stream does',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html',
  check: (graph) =>
    streamMappingsOf(graph).flatMap(({ resource, stream }) => {
      const age = numberOf(resource.properties['MaximumRecordAgeInSeconds'], -1);
      const retention = stream && streamFacts(stream).retentionSeconds;
      if (age === undefined || age === -1 || retention === undefined || age < retention) return [];
      return [
        {
          resource,
          location: 'Properties/MaximumRecordAgeInSeconds',
          problem: `gives records up when they are ${age} s old, and ${stream?.logicalId ?? ''} deletes them at ${retention} s: what fails is gone before it reaches the failure destination`,
          fix: `set MaximumRecordAgeInSeconds: ${Math.floor(retention / 2)}, half the retention`,
        },
      ];
    }),
};
