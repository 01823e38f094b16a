import { listOf, numberOf, objectOf, type TemplateGraph, type TemplateResource } from './template-graph.js';
import { referencesIn } from './references.js';
import { statementsOfRole, type RoleStatement } from './role-rights.js';

/** A container that works on something of ours: it has its binding in the environment. */
export interface WorkerFacts {
  /** The task definition. */
  readonly resource: TemplateResource;
  /** Where the container is in it, e.g. `Properties/ContainerDefinitions/0`. */
  readonly location: string;
  readonly kind: 'queue' | 'reader';
  /** The queue, or the lease table of a reader; undefined where it is of another app. */
  readonly worksOn: TemplateResource | undefined;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly stopSeconds: number | undefined;
}

/** ECS's wait before the kill, where nothing is said. */
const DEFAULT_STOP_SECONDS = 30;

const KINDS = [
  { prefix: 'MILLRACE_QUEUE_', kind: 'queue', type: 'AWS::SQS::Queue' },
  { prefix: 'MILLRACE_READER_', kind: 'reader', type: 'AWS::DynamoDB::Table' },
] as const;

/** All containers of ECS tasks that were given the binding of a queue or a reader. */
export function workersOf(graph: TemplateGraph): readonly WorkerFacts[] {
  return graph.ofType('AWS::ECS::TaskDefinition').flatMap((resource) =>
    listOf(resource.properties['ContainerDefinitions']).flatMap((value, index) => {
      const container = objectOf(value);
      return listOf(container['Environment']).flatMap((entry) => {
        const { Name, Value } = objectOf(entry);
        const found = KINDS.find(({ prefix }) => typeof Name === 'string' && Name.startsWith(prefix));
        if (found === undefined) return [];
        const named = referencesIn(graph, Value, resource);
        return [
          {
            resource,
            location: `Properties/ContainerDefinitions/${index}`,
            kind: found.kind,
            // A queue's own URL comes before its dead-letter queue's.
            worksOn: named.find(({ type }) => type === found.type),
            stopSeconds: numberOf(container['StopTimeout'], DEFAULT_STOP_SECONDS),
          },
        ];
      });
    }),
  );
}

/** All Allows of the role that a task's program has. Undefined where a template can't tell. */
export const statementsOfTask = (
  graph: TemplateGraph,
  task: TemplateResource,
): readonly RoleStatement[] | undefined =>
  statementsOfRole(graph, graph.follow(task.properties['TaskRoleArn'], task.stack));
