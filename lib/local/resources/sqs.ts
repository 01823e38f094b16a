import type { SQS } from '@aws-sdk/client-sqs';
import { MillraceError } from '../../core/errors.js';
import { errorName } from '../aws-error.js';
import type { PropertyReader } from '../property-reader.js';
import { given, type CreateRequest, type ResourceKind } from './resource-kind.js';

/** Properties that are queue attributes of the same name; the service takes all of them as text. */
const PLAIN_ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
] as const;

/** Creates an `AWS::SQS::Queue`. */
export const createQueue: ResourceKind = async (request) => {
  const { properties, clients } = request;
  const sqs = await clients.sqs();
  const attributes = queueAttributes(properties);
  const QueueName = await nameOfNewQueue(sqs, request, attributes.FifoQueue === 'true');
  const tags = properties.tags();
  const { QueueUrl = '' } = await sqs.createQueue({
    QueueName,
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...(tags !== undefined && { tags }),
  });
  request.owns(QueueUrl, () => sqs.deleteQueue({ QueueUrl }));
  // Asked for rather than put together: the account in it is the service's to tell.
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] });
  const arn = Attributes?.QueueArn ?? request.arnOf('sqs', QueueName);
  return { physicalId: QueueUrl, arn, attributes: { Arn: arn, QueueName, QueueUrl } };
};

function queueAttributes(properties: PropertyReader): Record<string, string> {
  const plain = PLAIN_ATTRIBUTES.map((name) => [name, properties.text(name)] as const);
  // FifoQueue is either true or absent: the service refuses false.
  const wanted = Object.fromEntries(
    plain.filter(([name, value]) => name !== 'FifoQueue' || value === 'true'),
  );
  return given({
    ...wanted,
    RedrivePolicy: properties.document('RedrivePolicy'),
    RedriveAllowPolicy: properties.document('RedriveAllowPolicy'),
  });
}

/** CreateQueue on a name that exists answers as if it had created it, and a rollback would then delete a stranger's queue. */
async function nameOfNewQueue(sqs: SQS, request: CreateRequest, fifo: boolean): Promise<string> {
  const QueueName = request.properties.text('QueueName');
  if (QueueName === undefined) return request.generateName(80, fifo ? '.fifo' : '');
  const existing = await sqs.getQueueUrl({ QueueName }).catch((error: unknown) => {
    if (NO_SUCH_QUEUE.has(errorName(error))) return undefined;
    throw error;
  });
  if (existing === undefined) return QueueName;
  throw new MillraceError(
    'DEPLOY_FAILED',
    `a queue named '${QueueName}' exists already: delete it, or leave QueueName out so that a name is generated`,
  );
}

const NO_SUCH_QUEUE: ReadonlySet<string> = new Set([
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);

/** Creates an `AWS::SQS::QueuePolicy`: one policy on each of its queues. */
export const createQueuePolicy: ResourceKind = (request) =>
  attachPolicy(request, request.properties.texts('Queues'));

/** Creates an `AWS::SQS::QueueInlinePolicy`: the policy of one queue. */
export const createQueueInlinePolicy: ResourceKind = (request) =>
  attachPolicy(request, [request.properties.requiredText('Queue')]);

async function attachPolicy(request: CreateRequest, queueUrls: readonly string[]): ReturnType<ResourceKind> {
  const sqs = await request.clients.sqs();
  const Policy = request.properties.document('PolicyDocument') ?? '';
  const set = (policy: string): Promise<unknown> =>
    Promise.all(
      queueUrls.map((QueueUrl) => sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy: policy } })),
    );
  await set(Policy);
  const physicalId = request.generateName(80);
  request.owns(physicalId, () => set(''));
  return { physicalId, attributes: {} };
}
