import { limitOf } from '../../contract/limits.js';
import type { QueueDelivery } from '../sqs/delivery.js';
import type { MessageAttributeMap } from '../structures/message-attributes.js';
import { confirmationJson, lambdaEvent, notificationJson, type Signing } from './notification.js';
import type { OutboxEntry } from './outbox.js';
import { bodyFor, type PublishedMessage } from './published-message.js';
import type { Subscription } from './topic.js';

/** A request the driver performs for the engine, to an HTTP(S) endpoint or a Lambda function. */
export interface OutboundDelivery {
  /** To report the outcome with; confirmations have none to report. */
  readonly id: string;
  readonly protocol: 'http' | 'https' | 'lambda';
  /** URL, or ARN of the function. */
  readonly endpoint: string;
  readonly type: 'Notification' | 'SubscriptionConfirmation';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 1 for the first. */
  readonly attempt: number;
}

type QueueForm =
  | { readonly kind: 'form'; readonly delivery: QueueDelivery }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * What a queue gets. Raw delivery passes the attributes on, at most ten of them: with more, SNS discards the message
 * as a client error.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
 */
export function attemptedDelivery(
  message: PublishedMessage,
  subscription: Subscription,
  signing: Signing,
): QueueForm {
  const count = Object.keys(message.attributes).length;
  const most = limitOf('sns.raw.maxAttributes');
  if (subscription.isRaw && count > most)
    return {
      kind: 'refused',
      reason: `raw delivery carries at most ${most} message attributes, got ${count}`,
    };
  return { kind: 'form', delivery: queueDelivery(message, subscription, signing) };
}

function queueDelivery(
  message: PublishedMessage,
  subscription: Subscription,
  signing: Signing,
): QueueDelivery {
  const { isRaw, topic, endpoint } = subscription;
  const passesGroup = !topic.isFifo || endpoint.endsWith('.fifo');
  return {
    body: isRaw ? bodyFor(message, 'sqs') : notificationJson(message, subscription, signing),
    attributes: isRaw ? message.attributes : {},
    groupId: passesGroup ? message.groupId : undefined,
    deduplicationId: topic.isFifo ? message.deduplicationId : undefined,
    traceHeader: undefined,
    sourceArn: topic.arn,
  };
}

/** What a subscription's dead-letter queue gets: the message as it would have arrived, and why it did not. */
export function deadLetterDelivery(
  message: PublishedMessage,
  subscription: Subscription,
  {
    reason,
    requestId,
    signing,
  }: { readonly reason: string; readonly requestId: string; readonly signing: Signing },
): QueueDelivery {
  const why: MessageAttributeMap = {
    RequestID: { DataType: 'String', StringValue: requestId },
    ErrorCode: { DataType: 'String', StringValue: 'DeliveryFailed' },
    ErrorMessage: { DataType: 'String', StringValue: reason },
  };
  const { topic, isRaw } = subscription;
  return {
    body: isRaw ? bodyFor(message, subscription.protocol) : notificationJson(message, subscription, signing),
    attributes: { ...(isRaw ? message.attributes : {}), ...why },
    groupId: topic.isFifo ? message.groupId : undefined,
    deduplicationId: topic.isFifo ? message.deduplicationId : undefined,
    traceHeader: undefined,
    sourceArn: topic.arn,
  };
}

/** The request for an HTTP(S) endpoint or a Lambda function. */
export function outboundDelivery(
  message: PublishedMessage,
  subscription: Subscription,
  { id, attempt, signing }: { readonly id: string; readonly attempt: number; readonly signing: Signing },
): OutboundDelivery {
  const { endpoint, isRaw } = subscription;
  const isLambda = subscription.protocol === 'lambda';
  return {
    id,
    protocol: isLambda ? 'lambda' : subscription.protocol === 'https' ? 'https' : 'http',
    endpoint,
    type: 'Notification',
    headers: isLambda ? {} : headersOf(subscription, 'Notification', message.messageId),
    body: isLambda
      ? lambdaEvent(message, subscription, signing)
      : isRaw
        ? bodyFor(message, subscription.protocol)
        : notificationJson(message, subscription, signing),
    attempt,
  };
}

/** How an endpoint learns that it has to confirm: a request for HTTP(S), a recorded e-mail otherwise. */
export function confirmationForm(
  subscription: Subscription,
  at: { readonly messageId: string; readonly now: number },
  signing: Signing,
): OutboundDelivery | OutboxEntry {
  const body = confirmationJson(subscription, at, signing);
  const { protocol, endpoint, token } = subscription;
  if (protocol !== 'http' && protocol !== 'https')
    return {
      protocol,
      endpoint,
      kind: 'confirmation',
      subject: undefined,
      text: body,
      token,
      push: undefined,
      at: at.now,
    };
  return {
    id: `confirmation-${at.messageId}`,
    protocol,
    endpoint,
    type: 'SubscriptionConfirmation',
    headers: headersOf(subscription, 'SubscriptionConfirmation', at.messageId),
    body,
    attempt: 1,
  };
}

function headersOf(
  { arn, topic, isRaw, state }: Subscription,
  type: OutboundDelivery['type'],
  messageId: string,
): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': type,
    'x-amz-sns-message-id': messageId,
    'x-amz-sns-topic-arn': topic.arn,
    ...(state === 'confirmed' ? { 'x-amz-sns-subscription-arn': arn } : {}),
    ...(isRaw && type === 'Notification' ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
  };
}
