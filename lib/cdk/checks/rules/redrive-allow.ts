import { limitOf } from '../../../contract/limits.js';
import { arnOf } from '../arn-facts.js';
import type { CheckRule } from '../check-rule.js';
import { jsonOf, queuesOf, type QueueFacts } from '../messaging-facts.js';
import { listOf, type TemplateGraph, type TemplateResource } from '../template-graph.js';

/** A dead-letter queue lets its own queues in. */
export const redriveAllow: CheckRule = {
  id: 'redrive-allow',
  severity: 'error',
  title: 'A dead-letter queue lets its own queues in',
  doc: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html',
  check: (graph) => {
    const queues = queuesOf(graph);
    return queues.flatMap(({ resource }) => {
      const sources = queues.filter(({ redrive }) => redrive?.target === resource);
      return problemsOf(graph, resource, sources).map((problem) => ({
        resource,
        location: 'Properties/RedriveAllowPolicy',
        problem,
        fix: `set RedriveAllowPolicy: ${policyText(resource, sources)}`,
      }));
    });
  },
};

function problemsOf(
  graph: TemplateGraph,
  queue: TemplateResource,
  sources: readonly QueueFacts[],
): readonly string[] {
  const policy = jsonOf(queue.properties['RedriveAllowPolicy']);
  const [first] = sources;
  if (policy['redrivePermission'] === 'denyAll' && first !== undefined) {
    return [`is the dead-letter queue of ${first.resource.logicalId}, and refuses to be anybody's`];
  }
  if (policy['redrivePermission'] !== 'byQueue') return [];
  const listed = listOf(policy['sourceQueueArns']);
  const most = limitOf('sqs.redriveAllow.maxSources');
  if (listed.length === 0) return ['lets in only the queues it lists, and lists none: the deployment fails'];
  if (listed.length > most) return [`lists ${listed.length} queues, SQS takes ${most}`];
  const named = listed.map((value) => graph.follow(value, queue.stack) ?? arnOf(value, queue.stack));
  if (named.includes(undefined)) return [];
  return sources
    .filter(({ resource }) => !named.includes(resource))
    .map(
      ({ resource }) => `is the dead-letter queue of ${resource.logicalId}, and its list leaves that one out`,
    );
}

/** The list where it is short and no cycle: source and dead-letter queue of one stack would wait for each other. */
const policyText = ({ stack }: TemplateResource, sources: readonly QueueFacts[]): string =>
  JSON.stringify(
    sources.some(({ resource }) => resource.stack === stack) || sources.length === 0
      ? { redrivePermission: 'allowAll' }
      : {
          redrivePermission: 'byQueue',
          sourceQueueArns: sources.map(
            ({ resource }) => `<ARN of ${resource.logicalId} in ${resource.stack.stackName}>`,
          ),
        },
  );
