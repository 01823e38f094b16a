import { subscriptionsOf } from './messaging-facts.js';
import {
  listOf,
  objectOf,
  type JsonObject,
  type TemplateGraph,
  type TemplateResource,
} from './template-graph.js';

/** A Firehose stream that copies a stream, or what a topic publishes, into a bucket. */
export interface ArchiveFacts {
  readonly resource: TemplateResource;
  readonly from: 'stream' | 'topic';
  /** `ExtendedS3DestinationConfiguration`. */
  readonly destination: JsonObject;
}

/** Where in a Firehose stream its destination is. */
export const DESTINATION = 'Properties/ExtendedS3DestinationConfiguration';

/** All Firehose streams of the app that something of messaging feeds; others are left alone. */
export function archivesOf(graph: TemplateGraph): readonly ArchiveFacts[] {
  const subscribed = subscriptionsOf(graph)
    .filter(({ protocol }) => protocol === 'firehose')
    .map(({ resource }) => graph.follow(resource.properties['Endpoint'], resource.stack));
  return graph.ofType('AWS::KinesisFirehose::DeliveryStream').flatMap((resource) => {
    const { KinesisStreamSourceConfiguration, ExtendedS3DestinationConfiguration } = resource.properties;
    const isFed = KinesisStreamSourceConfiguration !== undefined || subscribed.includes(resource);
    if (!isFed || ExtendedS3DestinationConfiguration === undefined) return [];
    return [
      {
        resource,
        from: KinesisStreamSourceConfiguration === undefined ? ('topic' as const) : ('stream' as const),
        destination: objectOf(ExtendedS3DestinationConfiguration),
      },
    ];
  });
}

/** What an archive does to its records on the way, such as `Lambda`. */
export function processorsOf({ destination }: ArchiveFacts): readonly string[] {
  const { Enabled, Processors } = objectOf(destination['ProcessingConfiguration']);
  return Enabled === false ? [] : listOf(Processors).map((processor) => String(objectOf(processor)['Type']));
}
