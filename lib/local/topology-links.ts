import { TYPE_ATTRIBUTE } from '../contract/envelope.js';
import { asText, isList, isObject, type Json, type JsonObject } from './json.js';
import { resourceIdIn, type SymbolicResource, type SymbolicStacks } from './symbolic-stacks.js';
import type { Topology, TopologyEdge, TopologyNode, TopologyNodeKind } from './topology.js';

const NODE_KINDS: Readonly<Record<string, TopologyNodeKind>> = {
  'AWS::DynamoDB::GlobalTable': 'table',
  'AWS::DynamoDB::Table': 'table',
  'AWS::Kinesis::Stream': 'stream',
  'AWS::KinesisFirehose::DeliveryStream': 'delivery-stream',
  'AWS::Lambda::Function': 'function',
  'AWS::SNS::Topic': 'topic',
  'AWS::SQS::Queue': 'queue',
};

/** Only drawn where something leads to them: an app has many tables and functions that have nothing to do with messages. */
const ONLY_WHEN_LINKED: ReadonlySet<TopologyNodeKind> = new Set(['table', 'function', 'delivery-stream']);

/** Makes nodes and edges of what the templates say. */
export function linkTopology(stacks: SymbolicStacks): Topology {
  const find = resourceFinder(stacks.resources);
  const bindings = stacks.outputs.flatMap(({ stack, value }) => bindingIn(stack, value));
  const readers = [...readersOf(bindings, find), ...looseConsumers(stacks.resources, bindings, find)];
  const edges = [
    ...stacks.resources.flatMap((resource) => edgesOf(resource, find)),
    ...readers.flatMap(({ edges: own }) => own),
    ...inboxEdges(bindings, find),
  ];
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const deadLetters = new Set(edges.filter(({ kind }) => kind === 'dead-letters').map(({ to }) => to));
  const alarms = countAlarms(stacks.resources, find);
  const names = new Map(bindings.flatMap((binding) => bindingName(binding, find)));
  const nodes = stacks.resources.flatMap((resource): TopologyNode[] => {
    const kind = NODE_KINDS[resource.type];
    if (kind === undefined || (ONLY_WHEN_LINKED.has(kind) && !linked.has(resource.id))) return [];
    return [
      {
        id: resource.id,
        kind: deadLetters.has(resource.id) ? 'dead-letter-queue' : kind,
        stack: resource.stack,
        label: names.get(resource.id) ?? resource.path,
        details: detailsOf(resource, deadLetters.has(resource.id)),
        alarms: alarms.get(resource.id) ?? 0,
      },
    ];
  });
  return { nodes: [...nodes, ...readers.map(({ node }) => node), ...outsideNodes(edges)], edges };
}

type Find = (value: Json | undefined) => SymbolicResource | undefined;

/** Finds the resource a value names: by its token, or by a physical name that the template itself gives. */
function resourceFinder(resources: readonly SymbolicResource[]): Find {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const byName = new Map(
    resources.flatMap((resource): (readonly [string, SymbolicResource])[] => {
      const { QueueName, TopicName, Name, TableName } = resource.properties;
      const name = asText(QueueName ?? TopicName ?? Name ?? TableName);
      return name !== undefined && NODE_KINDS[resource.type] !== undefined ? [[name, resource]] : [];
    }),
  );
  return (value) => {
    const id = resourceIdIn(value);
    if (id !== undefined) return byId.get(id);
    return typeof value === 'string' ? byName.get(value.split(/[:/]/).at(-1) ?? value) : undefined;
  };
}

function edgesOf(resource: SymbolicResource, find: Find): TopologyEdge[] {
  const { properties, id } = resource;
  switch (resource.type) {
    case 'AWS::SQS::Queue': {
      const policy = documentOf(properties.RedrivePolicy);
      const to = find(policy.deadLetterTargetArn);
      const receives = asText(policy.maxReceiveCount);
      return to === undefined
        ? []
        : [
            {
              from: id,
              to: to.id,
              kind: 'dead-letters',
              ...(receives !== undefined && { label: `after ${receives} receives` }),
            },
          ];
    }
    case 'AWS::SNS::Subscription':
      return subscriptionEdges(properties, find);
    case 'AWS::Lambda::EventSourceMapping': {
      const from = find(properties.EventSourceArn);
      const to = find(properties.FunctionName);
      return from === undefined || to === undefined ? [] : [{ from: from.id, to: to.id, kind: 'reads' }];
    }
    case 'AWS::KinesisFirehose::DeliveryStream': {
      const source = documentOf(properties.KinesisStreamSourceConfiguration);
      const from = find(source.KinesisStreamARN);
      return from === undefined ? [] : [{ from: from.id, to: id, kind: 'reads' }];
    }
    default:
      return [];
  }
}

function subscriptionEdges(properties: JsonObject, find: Find): TopologyEdge[] {
  const topic = find(properties.TopicArn);
  if (topic === undefined) return [];
  const target = find(properties.Endpoint);
  const filter = describeFilter(documentOf(properties.FilterPolicy));
  const failed = find(documentOf(properties.RedrivePolicy).deadLetterTargetArn);
  const to = target?.id ?? `outside/${asText(properties.Protocol) ?? 'subscriber'}`;
  const delivers: TopologyEdge = {
    from: topic.id,
    to,
    kind: 'delivers',
    ...(filter !== '' && { label: filter }),
  };
  if (failed === undefined) return [delivers];
  return [
    delivers,
    { from: topic.id, to: failed.id, kind: 'dead-letters', label: 'undeliverable', meantFor: to },
  ];
}

/** Subscribers that are no resource of the assembly: mail, HTTPS, another account. */
function outsideNodes(edges: readonly TopologyEdge[]): TopologyNode[] {
  const ids = new Set(edges.map(({ to }) => to).filter((id) => id.startsWith('outside/')));
  return [...ids].map((id) => ({
    id,
    kind: 'outside',
    stack: '',
    label: id.slice('outside/'.length),
    details: [],
    alarms: 0,
  }));
}

interface SymbolicBinding {
  readonly stack: string;
  readonly value: JsonObject;
}

function bindingIn(stack: string, value: Json): SymbolicBinding[] {
  if (typeof value !== 'string' || !value.startsWith('{"')) return [];
  try {
    const parsed = JSON.parse(value) as Json;
    return isObject(parsed) && parsed.v === 1 && typeof parsed.kind === 'string'
      ? [{ stack, value: parsed }]
      : [];
  } catch {
    return []; // an output may hold any text
  }
}

function bindingName({ value }: SymbolicBinding, find: Find): (readonly [string, string])[] {
  if (value.kind === 'reader') return [];
  const resource = find(value.arn);
  return resource === undefined || typeof value.name !== 'string' ? [] : [[resource.id, value.name]];
}

interface LinkedReader {
  readonly node: TopologyNode;
  readonly edges: readonly TopologyEdge[];
}

function readersOf(bindings: readonly SymbolicBinding[], find: Find): LinkedReader[] {
  return bindings.flatMap(({ stack, value }): LinkedReader[] => {
    const stream = find(documentOf(value.stream).arn);
    const reader = asText(value.reader);
    if (value.kind !== 'reader' || stream === undefined || reader === undefined) return [];
    const id = `${stream.id}/${reader}`;
    const table = find(value.leaseTable);
    const details = value.consumerArn === undefined ? ['shared throughput'] : ['enhanced fan-out'];
    return [
      {
        node: { id, kind: 'reader', stack, label: reader, details, alarms: 0 },
        edges: [
          { from: stream.id, to: id, kind: 'reads' },
          ...(table === undefined
            ? []
            : [{ from: id, to: table.id, kind: 'keeps' as const, label: 'leases' }]),
        ],
      },
    ];
  });
}

/** Enhanced fan-out consumers that no reader of a binding stands for: somebody reads with them all the same. */
function looseConsumers(
  resources: readonly SymbolicResource[],
  bindings: readonly SymbolicBinding[],
  find: Find,
): LinkedReader[] {
  const bound = new Set(bindings.map(({ value }) => resourceIdIn(value.consumerArn)));
  return resources.flatMap((resource): LinkedReader[] => {
    const stream = find(resource.properties.StreamARN);
    if (resource.type !== 'AWS::Kinesis::StreamConsumer' || bound.has(resource.id) || stream === undefined)
      return [];
    const label = asText(resource.properties.ConsumerName) ?? resource.path;
    const { id, stack } = resource;
    return [
      {
        node: { id, kind: 'reader', stack, label, details: ['enhanced fan-out'], alarms: 0 },
        edges: [{ from: stream.id, to: id, kind: 'reads' }],
      },
    ];
  });
}

function inboxEdges(bindings: readonly SymbolicBinding[], find: Find): TopologyEdge[] {
  return bindings.flatMap(({ value }): TopologyEdge[] => {
    const queue = find(value.arn);
    const table = find(documentOf(value.idempotency).table);
    return queue === undefined || table === undefined
      ? []
      : [{ from: queue.id, to: table.id, kind: 'keeps', label: 'idempotency' }];
  });
}

function countAlarms(resources: readonly SymbolicResource[], find: Find): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const resource of resources) {
    if (resource.type !== 'AWS::CloudWatch::Alarm') continue;
    const watched = new Set(dimensionsOf(resource.properties).flatMap((value) => find(value)?.id ?? []));
    for (const id of watched) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Values of all dimensions an alarm looks at, whether it watches one metric or an expression over several. */
function dimensionsOf(properties: JsonObject): readonly Json[] {
  const metrics = isList(properties.Metrics) ? properties.Metrics : [];
  const inner = metrics.map((each) => documentOf(documentOf(documentOf(each).MetricStat).Metric).Dimensions);
  return [properties.Dimensions, ...inner]
    .flatMap((dimensions) => (isList(dimensions) ? dimensions : []))
    .flatMap((dimension) => documentOf(dimension).Value ?? []);
}

function detailsOf({ type, properties }: SymbolicResource, isDeadLetters: boolean): readonly string[] {
  switch (type) {
    case 'AWS::SQS::Queue': {
      const visibility = asText(properties.VisibilityTimeout) ?? '30';
      const days = Number(asText(properties.MessageRetentionPeriod) ?? 345_600) / 86_400;
      const kept = `kept ${Number(days.toFixed(2))} d`;
      return [
        ...fifoOf(properties.FifoQueue),
        ...(isDeadLetters ? [] : [`visibility ${visibility} s`]),
        kept,
      ];
    }
    case 'AWS::SNS::Topic':
      return fifoOf(properties.FifoTopic);
    case 'AWS::Kinesis::Stream': {
      const isOnDemand = documentOf(properties.StreamModeDetails).StreamMode === 'ON_DEMAND';
      const hours = asText(properties.RetentionPeriodHours) ?? '24';
      return [isOnDemand ? 'on demand' : `${asText(properties.ShardCount) ?? '1'} shards`, `kept ${hours} h`];
    }
    default:
      return [];
  }
}

const fifoOf = (flag: Json | undefined): readonly string[] => (asText(flag) === 'true' ? ['FIFO'] : []);

/** A filter policy in words: `github.push, github.workflow · branch = refs/heads/main`. */
function describeFilter(policy: JsonObject): string {
  return Object.entries(policy)
    .map(([key, matches]) => {
      const values = (isList(matches) ? matches : [matches]).map(describeMatch).join(', ');
      return key === TYPE_ATTRIBUTE ? values : `${key} = ${values}`;
    })
    .join(' · ');
}

function describeMatch(match: Json): string {
  if (!isObject(match)) return asText(match) ?? 'null';
  return Object.entries(match)
    .map(
      ([operator, operand]) =>
        `${operator} ${isList(operand) ? operand.map(describeMatch).join(' ') : describeMatch(operand)}`,
    )
    .join(' ');
}

/** A JSON document that a template may give as an object or as text. */
function documentOf(value: Json | undefined): JsonObject {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || !value.startsWith('{')) return {};
  try {
    const parsed = JSON.parse(value) as Json;
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
