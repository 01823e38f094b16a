import type { CheckRule } from '../check-rule.js';
import { streamMappingsOf } from '../stream-facts.js';

/** A new reader starts where nothing is missed. */
export const streamStart: CheckRule = {
  id: 'stream-start',
  severity: 'warning',
  title: 'A new reader starts where nothing is missed',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html',
  check: (graph) =>
    streamMappingsOf(graph)
      .filter(({ resource }) => resource.properties['StartingPosition'] === 'LATEST')
      .map(({ resource }) => ({
        resource,
        location: 'Properties/StartingPosition',
        problem:
          'starts at LATEST: what is put in the minutes until it polls, or polls again after an update, is skipped',
        fix: "set StartingPosition: 'TRIM_HORIZON', or AT_TIMESTAMP; acknowledge this where only new records count",
      })),
};
