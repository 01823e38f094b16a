import type { CheckRule } from '../check-rule.js';
import { mappingsOf } from '../messaging-facts.js';
import { numberOf, objectOf, type JsonObject } from '../template-graph.js';

/** A mapping is capped or has pollers of its own, within what Lambda takes. */
export const mappingScaling: CheckRule = {
  id: 'mapping-scaling',
  severity: 'error',
  title: 'A mapping is capped or has pollers of its own, within what Lambda takes',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html',
  check: (graph) =>
    mappingsOf(graph, 'AWS::SQS::Queue').flatMap(({ resource }) => {
      const { ScalingConfig, ProvisionedPollerConfig } = resource.properties;
      const isBoth =
        objectOf(ScalingConfig)['MaximumConcurrency'] !== undefined && ProvisionedPollerConfig !== undefined;
      return [
        ...(isBoth
          ? [{ location: 'ProvisionedPollerConfig', problem: BOTH, fix: 'leave one of them out' }]
          : []),
        ...outOfRange('ScalingConfig', objectOf(ScalingConfig)),
        ...outOfRange('ProvisionedPollerConfig', objectOf(ProvisionedPollerConfig)),
      ].map(({ location, problem, fix }) => ({
        resource,
        location: `Properties/${location}`,
        problem: `${problem}: the deployment fails`,
        fix,
      }));
    }),
};

const BOTH = 'has MaximumConcurrency and ProvisionedPollerConfig, which exclude each other';

/** What Lambda takes. */
const RANGES = {
  ScalingConfig: [{ name: 'MaximumConcurrency', min: 2, max: 1_000 }],
  ProvisionedPollerConfig: [
    { name: 'MinimumPollers', min: 2, max: 200 },
    { name: 'MaximumPollers', min: 2, max: 10_000 },
  ],
} as const;

const outOfRange = (
  group: keyof typeof RANGES,
  given: JsonObject,
): { location: string; problem: string; fix: string }[] =>
  RANGES[group].flatMap(({ name, min, max }) => {
    const value = numberOf(given[name], min);
    if (value === undefined || (value >= min && value <= max)) return [];
    return [
      {
        location: `${group}/${name}`,
        problem: `has ${name} ${value}, Lambda takes ${min} to ${max}`,
        fix: `set ${name} to ${value < min ? min : max}, or leave it out`,
      },
    ];
  });
