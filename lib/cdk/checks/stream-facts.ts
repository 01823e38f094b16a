import { limitOf } from '../../contract/limits.js';
import { mappingsOf, type MappingFacts } from './messaging-facts.js';
import { referencesIn } from './references.js';
import { listOf, numberOf, objectOf, type TemplateGraph, type TemplateResource } from './template-graph.js';

/** A stream with Kinesis' own defaults filled in; undefined is what only the deployment knows. */
export interface StreamFacts {
  readonly resource: TemplateResource;
  readonly mode: string | undefined;
  readonly retentionSeconds: number | undefined;
  readonly maxRecordBytes: number | undefined;
}

/** A function that reads a stream, with or without a consumer of its own. */
export interface StreamMappingFacts extends MappingFacts {
  /** The stream, also where the mapping names a consumer of it; undefined for a stream of another app. */
  readonly stream: TemplateResource | undefined;
}

/** The registered consumers of enhanced fan-out. */
export const CONSUMER_TYPE = 'AWS::Kinesis::StreamConsumer';

const STREAM_TYPE = 'AWS::Kinesis::Stream';
const HOUR_SECONDS = 3_600;
const KIB = 1_024;

/** All streams of the app. */
export function streamsOf(graph: TemplateGraph): readonly StreamFacts[] {
  return graph.ofType(STREAM_TYPE).map(streamFacts);
}

/** What is known of one stream. */
export function streamFacts(resource: TemplateResource): StreamFacts {
  const { properties } = resource;
  const mode = objectOf(properties['StreamModeDetails'])['StreamMode'] ?? 'PROVISIONED';
  const hours = numberOf(properties['RetentionPeriodHours'], limitOf('kinesis.retention.min'));
  const kib = numberOf(properties['MaxRecordSizeInKiB'], limitOf('kinesis.record.defaultBytes') / KIB);
  return {
    resource,
    mode: typeof mode === 'string' ? mode : undefined,
    retentionSeconds: hours === undefined ? undefined : hours * HOUR_SECONDS,
    maxRecordBytes: kib === undefined ? undefined : kib * KIB,
  };
}

/** All functions that read a stream. */
export function streamMappingsOf(graph: TemplateGraph): readonly StreamMappingFacts[] {
  return [
    ...mappingsOf(graph, STREAM_TYPE).map((mapping) => ({ ...mapping, stream: mapping.source })),
    ...mappingsOf(graph, CONSUMER_TYPE).map((mapping) => ({
      ...mapping,
      stream: streamOfConsumer(graph, mapping.source),
    })),
  ];
}

/** The registered consumers of a stream. */
export function consumersOf(graph: TemplateGraph, stream: TemplateResource): readonly TemplateResource[] {
  return graph.ofType(CONSUMER_TYPE).filter((consumer) => streamOfConsumer(graph, consumer) === stream);
}

/** What reads a stream with the throughput that all such readers share: functions, Firehose, containers with our binding. */
export function sharedReadersOf(graph: TemplateGraph, stream: TemplateResource): readonly TemplateResource[] {
  const functions = mappingsOf(graph, STREAM_TYPE).filter(({ source }) => source === stream);
  const archives = graph.ofType('AWS::KinesisFirehose::DeliveryStream').filter((resource) => {
    const source = objectOf(resource.properties['KinesisStreamSourceConfiguration']);
    return graph.follow(source['KinesisStreamARN'], resource.stack) === stream;
  });
  return [...functions.map(({ resource }) => resource), ...archives, ...sharingTasksOf(graph, stream)];
}

/** Containers with the binding of a reader that names no consumer. */
function sharingTasksOf(graph: TemplateGraph, stream: TemplateResource): readonly TemplateResource[] {
  return graph.ofType('AWS::ECS::TaskDefinition').flatMap((task) =>
    listOf(task.properties['ContainerDefinitions'])
      .flatMap((container) => listOf(objectOf(container)['Environment']).map(objectOf))
      .filter(({ Name }) => String(Name).startsWith('MILLRACE_READER_'))
      .map(({ Value }) => referencesIn(graph, Value, task))
      .filter((named) => named.includes(stream) && named.every(({ type }) => type !== CONSUMER_TYPE))
      .map(() => task),
  );
}

const streamOfConsumer = (graph: TemplateGraph, consumer: TemplateResource): TemplateResource | undefined =>
  graph.follow(consumer.properties['StreamARN'], consumer.stack);
