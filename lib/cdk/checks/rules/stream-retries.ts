import type { CheckRule } from '../check-rule.js';
import { streamMappingsOf } from '../stream-facts.js';
import { listOf, numberOf, objectOf, switchOf, type JsonObject } from '../template-graph.js';

/** A function that reads a stream gives up on poison. */
export const streamRetries: CheckRule = {
  id: 'stream-retries',
  severity: 'warning',
  title: 'A function that reads a stream gives up on poison, and on nothing else',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html',
  check: (graph) =>
    streamMappingsOf(graph).flatMap(({ resource }) =>
      missingOf(resource.properties).map(({ location, problem, fix }) => ({
        resource,
        location: `Properties/${location}`,
        problem,
        fix,
      })),
    ),
};

function missingOf(properties: JsonObject): { location: string; problem: string; fix: string }[] {
  const isEndless = numberOf(properties['MaximumRetryAttempts'], -1) === -1;
  const onFailure = objectOf(objectOf(properties['DestinationConfig'])['OnFailure'])['Destination'];
  return [
    ...(isEndless
      ? [
          {
            location: 'MaximumRetryAttempts',
            problem: 'retries a failing batch until its records expire, and its shard stands still meanwhile',
            fix: 'set MaximumRetryAttempts and BisectBatchOnFunctionError: true',
          },
        ]
      : []),
    ...(!isEndless && isWhole(properties)
      ? [
          {
            location: 'BisectBatchOnFunctionError',
            problem: 'gives up whole batches: one bad record takes up to a batch of good ones with it',
            fix: "set BisectBatchOnFunctionError: true, or FunctionResponseTypes: ['ReportBatchItemFailures'] and return batchItemFailures",
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

/** Whether a failing batch is neither halved nor told apart. */
const isWhole = (properties: JsonObject): boolean =>
  numberOf(properties['BatchSize'], 100) !== 1 &&
  switchOf(properties['BisectBatchOnFunctionError']) === false &&
  !listOf(properties['FunctionResponseTypes']).includes('ReportBatchItemFailures');
