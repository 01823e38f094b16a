import { mentionsIn } from './references.js';
import { listOf, objectOf, type Json, type TemplateGraph, type TemplateResource } from './template-graph.js';

/** A table in which a worker or a reader keeps its state. */
export interface WorkerTableFacts {
  readonly resource: TemplateResource;
  readonly holds: 'idempotency records' | 'leases';
}

/** The partition key of every lease table, ours and the Kinesis Client Library's. */
const LEASE_KEY = 'leaseKey';

/** Tables that a binding names, and lease tables of the Kinesis Client Library; no other tables. */
export function workerTablesOf(graph: TemplateGraph): readonly WorkerTableFacts[] {
  const idempotency = environmentsOf(graph)
    .filter(({ name }) => name.startsWith('MILLRACE_QUEUE_'))
    .flatMap(({ value, from }) => mentionsIn(graph, value, from))
    .filter(({ type }) => TABLE_TYPES.includes(type));
  const leases = graph
    .ofType(...TABLE_TYPES)
    .filter(({ properties }) =>
      listOf(properties['KeySchema']).some((key) => objectOf(key)['AttributeName'] === LEASE_KEY),
    );
  return [
    ...[...new Set(idempotency)].map((resource) => ({ resource, holds: 'idempotency records' as const })),
    ...leases.map((resource) => ({ resource, holds: 'leases' as const })),
  ];
}

const TABLE_TYPES = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];

/** Every environment variable of containers and functions. */
function environmentsOf(
  graph: TemplateGraph,
): readonly { readonly name: string; readonly value: Json; readonly from: TemplateResource }[] {
  const containers = graph.ofType('AWS::ECS::TaskDefinition').flatMap((from) =>
    listOf(from.properties['ContainerDefinitions']).flatMap((container) =>
      listOf(objectOf(container)['Environment'])
        .map(objectOf)
        .map(({ Name, Value }) => ({ name: String(Name), value: Value, from })),
    ),
  );
  const functions = graph
    .ofType('AWS::Lambda::Function')
    .flatMap((from) =>
      Object.entries(objectOf(objectOf(from.properties['Environment'])['Variables'])).map(
        ([name, value]) => ({ name, value, from }),
      ),
    );
  return [...containers, ...functions];
}
