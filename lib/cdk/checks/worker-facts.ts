import { listOf, numberOf, objectOf, type TemplateGraph, type TemplateResource } from './template-graph.js';
import { referencesIn } from './references.js';

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

/**
 * Actions that the policies of a task's role allow on a resource. Undefined where a template can't tell: a role of another
 * app, managed policies, policies within the role.
 */
export function rightsOfTask(
  graph: TemplateGraph,
  task: TemplateResource,
  on: TemplateResource,
): readonly string[] | undefined {
  const role = graph.follow(task.properties['TaskRoleArn'], task.stack);
  if (role?.type !== 'AWS::IAM::Role') return undefined;
  if (role.properties['ManagedPolicyArns'] !== undefined || role.properties['Policies'] !== undefined) {
    return undefined;
  }
  return graph
    .ofType('AWS::IAM::Policy')
    .filter(({ properties, stack }) =>
      listOf(properties['Roles']).some((value) => graph.follow(value, stack) === role),
    )
    .flatMap((policy) =>
      listOf(objectOf(policy.properties['PolicyDocument'])['Statement']).flatMap((value) => {
        const { Effect, Action, Resource } = objectOf(value);
        const isMeant = listOf(Resource).some(
          (resource) => resource === '*' || referencesIn(graph, resource, policy).includes(on),
        );
        return Effect === 'Allow' && isMeant ? listOf(Action).map(String) : [];
      }),
    );
}
