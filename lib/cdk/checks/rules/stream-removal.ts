import type { CheckRule } from '../check-rule.js';

/** A stream says what becomes of its records. */
export const streamRemoval: CheckRule = {
  id: 'stream-removal',
  severity: 'warning',
  title: 'A stream says what becomes of its records',
  doc: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html',
  check: (graph) =>
    graph.ofType('AWS::Kinesis::Stream').flatMap((resource) => {
      const { deletionPolicy, updateReplacePolicy } = resource;
      const missing = [
        ...(deletionPolicy === undefined ? ['DeletionPolicy'] : []),
        ...(updateReplacePolicy === undefined ? ['UpdateReplacePolicy'] : []),
      ];
      if (missing.length === 0) return [];
      return [
        {
          resource,
          location: missing[0] ?? '',
          problem: `has no ${missing.join(' and no ')}: its records are deleted when it ${deletionPolicy === undefined ? 'leaves the stack' : 'is replaced'}, and nobody said so`,
          fix: "set DeletionPolicy: 'Retain' and UpdateReplacePolicy: 'Retain', or 'Delete' where that is meant: stream.applyRemovalPolicy(…)",
        },
      ];
    }),
};
