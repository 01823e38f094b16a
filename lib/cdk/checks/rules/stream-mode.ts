import type { CheckRule } from '../check-rule.js';
import { streamsOf } from '../stream-facts.js';

/** A stream is given what fits its capacity mode. */
export const streamMode: CheckRule = {
  id: 'stream-mode',
  severity: 'error',
  title: 'A stream is given what fits its capacity mode',
  doc: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kinesis-stream.html',
  check: (graph) =>
    streamsOf(graph).flatMap(({ resource, mode }) =>
      OF_THE_OTHER_MODE.filter(
        ({ name, not }) => not === mode && resource.properties[name] !== undefined,
      ).map(({ name, not, fix }) => ({
        resource,
        location: `Properties/${name}`,
        problem: `has ${name} and capacity mode ${not}: the deployment fails`,
        fix,
      })),
    ),
};

const ON_DEMAND = "set StreamModeDetails { StreamMode: 'ON_DEMAND' }, or leave it out";

/** Properties and the mode that refuses them. */
const OF_THE_OTHER_MODE = [
  { name: 'ShardCount', not: 'ON_DEMAND', fix: "leave it out, or set StreamMode: 'PROVISIONED'" },
  { name: 'WarmThroughputMiBps', not: 'PROVISIONED', fix: ON_DEMAND },
  { name: 'RecordDistributionStrategy', not: 'PROVISIONED', fix: ON_DEMAND },
] as const;
