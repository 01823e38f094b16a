import { listOf, objectOf, type Json, type TemplateGraph, type TemplateResource } from './template-graph.js';

/** An AWS service that sends to a queue or publishes to a topic of this app in its own name, with no role. */
export interface PublisherFacts {
  /** What makes it send: a bucket, a rule, an event subscription. */
  readonly resource: TemplateResource;
  readonly location: string;
  /** Such as `s3.amazonaws.com`. */
  readonly service: string;
  readonly target: TemplateResource;
  /** What `aws:SourceArn` will name; undefined where that is not of this app. */
  readonly source: TemplateResource | undefined;
  /** Whether SNS's default policy, of a topic without one, lets it publish. */
  readonly isLetInByDefault: boolean;
  /** For a rule: whether it says the message group that a FIFO queue demands. */
  readonly hasGroup: boolean;
}

interface Sender {
  readonly to: Json;
  readonly location: string;
  readonly hasGroup?: boolean;
}

interface Kind {
  readonly service: string;
  readonly isLetInByDefault?: boolean;
  readonly sendersOf: (resource: TemplateResource) => readonly Sender[];
  /** The resource itself where nothing is said. */
  readonly sourceOf?: (graph: TemplateGraph, resource: TemplateResource) => TemplateResource | undefined;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::S3::Bucket': { service: 's3.amazonaws.com', sendersOf: notificationsOf },
  // aws-cdk-lib's L2 sets a bucket's notifications after the bucket was made.
  'Custom::S3BucketNotifications': {
    service: 's3.amazonaws.com',
    sendersOf: notificationsOf,
    sourceOf: (graph, { properties, stack }) => graph.follow(properties['BucketName'], stack),
  },
  'AWS::Events::Rule': {
    service: 'events.amazonaws.com',
    sendersOf: ({ properties }) =>
      listOf(properties['Targets']).flatMap((value, index) => {
        const { Arn, RoleArn, SqsParameters } = objectOf(value);
        const hasGroup = objectOf(SqsParameters)['MessageGroupId'] !== undefined;
        return RoleArn === undefined ? [{ to: Arn, location: `Properties/Targets/${index}`, hasGroup }] : [];
      }),
  },
  'AWS::RDS::EventSubscription': {
    service: 'events.rds.amazonaws.com',
    isLetInByDefault: true,
    sendersOf: ({ properties }) => [{ to: properties['SnsTopicArn'], location: 'Properties/SnsTopicArn' }],
    sourceOf: () => undefined,
  },
  'AWS::CodeStarNotifications::NotificationRule': {
    service: 'codestar-notifications.amazonaws.com',
    sendersOf: ({ properties }) =>
      listOf(properties['Targets']).map((value, index) => ({
        to: objectOf(value)['TargetAddress'],
        location: `Properties/Targets/${index}`,
      })),
    sourceOf: () => undefined,
  },
};

/** All services that send to queues and topics of this app, as far as their resources are of it too. */
export function publishersOf(graph: TemplateGraph): readonly PublisherFacts[] {
  return Object.entries(KINDS).flatMap(([type, kind]) =>
    graph.ofType(type).flatMap((resource) =>
      kind.sendersOf(resource).flatMap(({ to, location, hasGroup = true }) => {
        const target = graph.follow(to, resource.stack);
        if (target?.type !== 'AWS::SQS::Queue' && target?.type !== 'AWS::SNS::Topic') return [];
        const source = kind.sourceOf ? kind.sourceOf(graph, resource) : resource;
        const { service, isLetInByDefault = false } = kind;
        return [{ resource, location, service, target, source, isLetInByDefault, hasGroup }];
      }),
    ),
  );
}

/** What a service does there. */
export const sendingTo = ({ type }: TemplateResource): string =>
  type === 'AWS::SNS::Topic' ? 'sns:Publish' : 'sqs:SendMessage';

function notificationsOf({ properties }: TemplateResource): readonly Sender[] {
  const configuration = objectOf(properties['NotificationConfiguration']);
  return ['QueueConfigurations', 'TopicConfigurations'].flatMap((name) =>
    listOf(configuration[name]).map((value, index) => {
      const { Queue, QueueArn, Topic, TopicArn } = objectOf(value);
      return {
        to: Queue ?? QueueArn ?? Topic ?? TopicArn,
        location: `Properties/NotificationConfiguration/${name}/${index}`,
      };
    }),
  );
}
