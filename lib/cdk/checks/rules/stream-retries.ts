import type { CheckRule } from '../check-rule.js';
import { mappingsOf } from '../messaging-facts.js';
import { numberOf, objectOf, type JsonObject } from '../template-graph.js';

/** A function that reads a stream gives up on poison. */
export const streamRetries: CheckRule = {
  id: 'stream-retries',
  severity: 'warning',
  title: 'A function that reads a stream gives up on poison',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html',
  check: (graph) =>
    mappingsOf(graph, 'AWS::Kinesis::Stream').flatMap(({ resource }) =>
      missingOf(resource.properties).map(({ location, problem, fix }) => ({
        resource,
        location: `Properties/${location}`,
        problem,
        fix,
      })),
    ),
};

function missingOf(properties: JsonObject): { location: string; problem: string; fix: string }[] {
  const retries = numberOf(properties['MaximumRetryAttempts'], -1);
  const onFailure = objectOf(objectOf(properties['DestinationConfig'])['OnFailure'])['Destination'];
  return [
    ...(retries === -1
      ? [
          {
            location: 'MaximumRetryAttempts',
            problem: 'retries a failing batch until its records expire, and its shard stands still meanwhile',
            fix: 'set MaximumRetryAttempts and BisectBatchOnFunctionError: true',
          },
        ]
      : []),
    ...(onFailure === undefined
      ? [
          {
            location: 'DestinationConfig',
            problem: 'drops the batches it gives up on without a trace',
            fix: 'set DestinationConfig.OnFailure to a queue or topic',
          },
        ]
      : []),
  ];
}
