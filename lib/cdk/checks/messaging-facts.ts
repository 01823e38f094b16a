import { limitOf } from '../../contract/limits.js';
import { mentionsIn } from './references.js';
import {
  listOf,
  numberOf,
  objectOf,
  switchOf,
  type Json,
  type JsonObject,
  type StackTemplate,
  type TemplateGraph,
  type TemplateResource,
} from './template-graph.js';

/** A queue with SQS's own defaults filled in; undefined is what only the deployment knows. */
export interface QueueFacts {
  readonly resource: TemplateResource;
  readonly isFifo: boolean | undefined;
  readonly retentionSeconds: number | undefined;
  readonly visibilitySeconds: number | undefined;
  readonly maxBytes: number | undefined;
  readonly redrive?: RedriveFacts;
}

/** Where a queue's hopeless messages go. */
export interface RedriveFacts {
  /** The dead-letter queue, if it is of this app. */
  readonly target: TemplateResource | undefined;
  /** Its ARN as the template has it. */
  readonly targetArn: Json;
  readonly maxReceiveCount: number | undefined;
}

/** A subscription of a queue to a topic. */
export interface SubscriptionFacts {
  readonly resource: TemplateResource;
  /** Undefined for a topic of another app. */
  readonly topic: TemplateResource | undefined;
  /** Undefined for an endpoint that is no queue of this app. */
  readonly queue: TemplateResource | undefined;
  readonly protocol: string;
  readonly filterPolicy: JsonObject;
  /** Where failed deliveries go. */
  readonly redrive?: RedriveFacts;
}

/** A function that works on a queue or reads a stream. */
export interface MappingFacts {
  readonly resource: TemplateResource;
  readonly source: TemplateResource;
  /** Undefined for a function of another app. */
  readonly worker: TemplateResource | undefined;
}

/** Retention of a queue that says nothing: 4 days. */
const DEFAULT_RETENTION_SECONDS = 345_600;
/** Visibility timeout of a queue that says nothing. */
const DEFAULT_VISIBILITY_SECONDS = 30;

/** All queues of the app. */
export function queuesOf(graph: TemplateGraph): readonly QueueFacts[] {
  return graph.ofType('AWS::SQS::Queue').map((resource) => queueFacts(graph, resource));
}

/** What is known of one queue. */
export function queueFacts(graph: TemplateGraph, resource: TemplateResource): QueueFacts {
  const { properties, stack } = resource;
  const redrive = redriveOf(graph, properties['RedrivePolicy'], stack);
  return {
    resource,
    isFifo: switchOf(properties['FifoQueue']),
    retentionSeconds: numberOf(properties['MessageRetentionPeriod'], DEFAULT_RETENTION_SECONDS),
    visibilitySeconds: numberOf(properties['VisibilityTimeout'], DEFAULT_VISIBILITY_SECONDS),
    maxBytes: numberOf(properties['MaximumMessageSize'], limitOf('sqs.message.maxBytes')),
    ...(redrive && { redrive }),
  };
}

/** Pairs of a queue and its dead-letter queue, both of this app. */
export function deadLetterPairs(
  graph: TemplateGraph,
): readonly { readonly source: QueueFacts; readonly deadLetters: QueueFacts }[] {
  return queuesOf(graph).flatMap((source) =>
    source.redrive?.target ? [{ source, deadLetters: queueFacts(graph, source.redrive.target) }] : [],
  );
}

/** All subscriptions of the app. */
export function subscriptionsOf(graph: TemplateGraph): readonly SubscriptionFacts[] {
  return graph.ofType('AWS::SNS::Subscription').map((resource) => {
    const { properties, stack } = resource;
    const queue = graph.follow(properties['Endpoint'], stack);
    const redrive = redriveOf(graph, properties['RedrivePolicy'], stack);
    return {
      resource,
      topic: graph.follow(properties['TopicArn'], stack),
      queue: queue?.type === 'AWS::SQS::Queue' ? queue : undefined,
      protocol: String(properties['Protocol']),
      filterPolicy: jsonOf(properties['FilterPolicy']),
      ...(redrive && { redrive }),
    };
  });
}

/** Functions that are fed by sources of this type. */
export function mappingsOf(graph: TemplateGraph, sourceType: string): readonly MappingFacts[] {
  return graph.ofType('AWS::Lambda::EventSourceMapping').flatMap((resource) => {
    const { properties, stack } = resource;
    const source = graph.follow(properties['EventSourceArn'], stack);
    if (source?.type !== sourceType) return [];
    // Of an alias aws-cdk-lib writes the name with its parts taken apart.
    const [named] = mentionsIn(graph, properties['FunctionName'], resource);
    return [{ resource, source, worker: functionBehind(graph, named) }];
  });
}

/** The function of an alias or a version. */
function functionBehind(
  graph: TemplateGraph,
  named: TemplateResource | undefined,
): TemplateResource | undefined {
  if (named === undefined || named.type === 'AWS::Lambda::Function') return named;
  return functionBehind(graph, graph.follow(named.properties['FunctionName'], named.stack));
}

/** Queues that are the dead-letter queue of anything: queues, subscriptions, functions, mappings, rules, schedules. */
export function deadLetterQueuesOf(graph: TemplateGraph): ReadonlySet<TemplateResource> {
  const targets = [
    ...queuesOf(graph).map(({ redrive }) => redrive?.target),
    ...subscriptionsOf(graph).map(({ redrive }) => redrive?.target),
    ...graph.ofType('AWS::Lambda::EventSourceMapping', 'AWS::Lambda::EventInvokeConfig').map((resource) => {
      const onFailure = objectOf(objectOf(resource.properties['DestinationConfig'])['OnFailure']);
      return graph.follow(onFailure['Destination'], resource.stack);
    }),
    ...graph.ofType('AWS::Lambda::Function').map((resource) => {
      const config = objectOf(resource.properties['DeadLetterConfig']);
      return graph.follow(config['TargetArn'], resource.stack);
    }),
    ...graph.ofType('AWS::Events::Rule').flatMap((resource) =>
      listOf(resource.properties['Targets']).map((target) => {
        const config = objectOf(objectOf(target)['DeadLetterConfig']);
        return graph.follow(config['Arn'], resource.stack);
      }),
    ),
    ...graph.ofType('AWS::Scheduler::Schedule').map((resource) => {
      const config = objectOf(objectOf(resource.properties['Target'])['DeadLetterConfig']);
      return graph.follow(config['Arn'], resource.stack);
    }),
  ];
  return new Set(targets.filter((target) => target !== undefined));
}

function redriveOf(graph: TemplateGraph, value: unknown, stack: StackTemplate): RedriveFacts | undefined {
  const policy = jsonOf(value);
  if (policy['deadLetterTargetArn'] === undefined) return undefined;
  const target = graph.follow(policy['deadLetterTargetArn'], stack);
  return {
    target: target?.type === 'AWS::SQS::Queue' ? target : undefined,
    targetArn: policy['deadLetterTargetArn'],
    maxReceiveCount: numberOf(policy['maxReceiveCount'], 10),
  };
}

/** A policy that may be written as JSON text too. */
export function jsonOf(value: unknown): JsonObject {
  if (typeof value !== 'string') return objectOf(value);
  try {
    return objectOf(JSON.parse(value));
  } catch {
    return {};
  }
}
