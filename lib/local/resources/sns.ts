import type { SNS } from '@aws-sdk/client-sns';
import { MillraceError } from '../../core/errors.js';
import { errorName } from '../aws-error.js';
import type { PropertyReader } from '../property-reader.js';
import { given, type CreateRequest, type ResourceKind } from './resource-kind.js';

/** Creates an `AWS::SNS::Topic`, with the subscriptions it lists itself. */
export const createTopic: ResourceKind = async (request) => {
  const { properties, clients } = request;
  const sns = await clients.sns();
  const attributes = topicAttributes(properties);
  const Name = await nameOfNewTopic(sns, request, attributes.FifoTopic === 'true');
  const tags = Object.entries(properties.tags() ?? {}).map(([Key, Value]) => ({ Key, Value }));
  const { TopicArn = '' } = await sns.createTopic({
    Name,
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...(tags.length > 0 && { Tags: tags }),
    ...given({ DataProtectionPolicy: properties.document('DataProtectionPolicy') }),
  });
  request.owns(TopicArn, () => sns.deleteTopic({ TopicArn }));
  await Promise.all(properties.objects('Subscription').map((inline) => subscribe(sns, inline, TopicArn)));
  return { physicalId: TopicArn, arn: TopicArn, attributes: { TopicArn, TopicName: Name } };
};

function topicAttributes(properties: PropertyReader): Record<string, string> {
  const isFifo = properties.flag('FifoTopic') === true;
  return given({
    ArchivePolicy: properties.document('ArchivePolicy'),
    ContentBasedDeduplication: properties.text('ContentBasedDeduplication'),
    DisplayName: properties.text('DisplayName'),
    FifoThroughputScope: properties.text('FifoThroughputScope'),
    FifoTopic: isFifo ? 'true' : undefined,
    KmsMasterKeyId: properties.text('KmsMasterKeyId'),
    MaximumMessageSize: properties.text('MaximumMessageSize'),
    SignatureVersion: properties.text('SignatureVersion'),
    TracingConfig: properties.text('TracingConfig'),
  });
}

/** CreateTopic is idempotent by name; a topic that was there before is not ours to configure, or to delete later. */
async function nameOfNewTopic(sns: SNS, request: CreateRequest, fifo: boolean): Promise<string> {
  const name = request.properties.text('TopicName');
  if (name === undefined) return request.generateName(256, fifo ? '.fifo' : '');
  const TopicArn = request.arnOf('sns', name);
  const existing = await sns.getTopicAttributes({ TopicArn }).catch((error: unknown) => {
    if (NO_SUCH_TOPIC.has(errorName(error))) return undefined;
    throw error;
  });
  if (existing === undefined) return name;
  throw new MillraceError(
    'DEPLOY_FAILED',
    `a topic named '${name}' exists already: delete it, or leave TopicName out so that a name is generated`,
  );
}

const NO_SUCH_TOPIC: ReadonlySet<string> = new Set(['NotFound', 'NotFoundException']);

/** Creates an `AWS::SNS::TopicPolicy`: one policy on each of its topics. */
export const createTopicPolicy: ResourceKind = async (request) => {
  const sns = await request.clients.sns();
  const AttributeValue = request.properties.document('PolicyDocument') ?? '';
  const topics = request.properties.texts('Topics');
  await Promise.all(
    topics.map((TopicArn) => sns.setTopicAttributes({ TopicArn, AttributeName: 'Policy', AttributeValue })),
  );
  // A topic can't be without a policy, so there is nothing to take away later: it goes with its topic.
  return { physicalId: request.generateName(256), attributes: {} };
};

/** Creates an `AWS::SNS::Subscription`. */
export const createSubscription: ResourceKind = async (request) => {
  const { properties } = request;
  const sns = await request.clients.sns();
  const topicRegion = properties.text('Region') ?? request.region;
  if (topicRegion !== request.region) {
    throw new MillraceError(
      'DEPLOY_FAILED',
      `the topic is in ${topicRegion}, and this deployment goes to ${request.region} only: subscribe within one region, or deploy with 'cdk deploy'`,
    );
  }
  const arn = await subscribe(sns, properties, properties.requiredText('TopicArn'));
  request.owns(arn, () => sns.unsubscribe({ SubscriptionArn: arn }));
  return { physicalId: arn, arn, attributes: { Arn: arn } };
};

async function subscribe(sns: SNS, properties: PropertyReader, TopicArn: string): Promise<string> {
  const attributes = given({
    DeliveryPolicy: properties.document('DeliveryPolicy'),
    FilterPolicy: properties.document('FilterPolicy'),
    FilterPolicyScope: properties.text('FilterPolicyScope'),
    RawMessageDelivery: properties.text('RawMessageDelivery'),
    RedrivePolicy: properties.document('RedrivePolicy'),
    ReplayPolicy: properties.document('ReplayPolicy'),
    SubscriptionRoleArn: properties.text('SubscriptionRoleArn'),
  });
  const { SubscriptionArn = '' } = await sns.subscribe({
    TopicArn,
    Protocol: properties.requiredText('Protocol'),
    Endpoint: properties.requiredText('Endpoint'),
    ReturnSubscriptionArn: true,
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
  });
  return SubscriptionArn;
}
