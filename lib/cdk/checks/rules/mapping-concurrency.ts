import type { CheckRule } from '../check-rule.js';
import { mappingsOf, type MappingFacts } from '../messaging-facts.js';
import { numberOf, objectOf, type TemplateResource } from '../template-graph.js';

/** Queues ask for no more than their function has reserved. */
export const mappingConcurrency: CheckRule = {
  id: 'mapping-concurrency',
  severity: 'warning',
  title: 'Queues ask for no more than their function has reserved',
  doc: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html',
  check: (graph) => {
    const mappings = mappingsOf(graph, 'AWS::SQS::Queue');
    return [...new Set(mappings.map(({ worker }) => worker))].flatMap((worker) => {
      const reserved = worker && numberOf(worker.properties['ReservedConcurrentExecutions'], 0);
      // Reserved to nothing is a function that somebody turned off.
      if (worker === undefined || reserved === undefined || reserved === 0) return [];
      const excess = excessOf(
        mappings.filter((mapping) => mapping.worker === worker),
        reserved,
      );
      if (excess === undefined) return [];
      return [
        {
          resource: worker,
          location: 'Properties/ReservedConcurrentExecutions',
          problem: `has ${reserved} invocations reserved, and ${excess}: throttled batches use up receives, and good messages become dead letters`,
          fix: `set ScalingConfig { MaximumConcurrency } on its mappings, ${reserved} together at most (maxConcurrency of the event source)`,
        },
      ];
    });
  },
};

/** What the mappings of a function may ask for beyond what it has. */
function excessOf(mappings: readonly MappingFacts[], reserved: number): string | undefined {
  const caps = mappings
    .filter(({ resource }) => !hasPollers(resource))
    .map(({ resource }) => capOf(resource));
  if (caps.includes(undefined)) return undefined;
  if (caps.includes(Infinity)) return 'a queue without MaximumConcurrency asks for up to 1250';
  const sum = caps.reduce<number>((total, cap) => total + (cap ?? 0), 0);
  return sum > reserved ? `its queues ask for up to ${sum}` : undefined;
}

/** Infinity where there is no cap. */
const capOf = ({ properties }: TemplateResource): number | undefined =>
  numberOf(objectOf(properties['ScalingConfig'])['MaximumConcurrency'], Infinity);

const hasPollers = ({ properties }: TemplateResource): boolean =>
  properties['ProvisionedPollerConfig'] !== undefined;
