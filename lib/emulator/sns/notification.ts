import { hash } from 'node:crypto';
import type { MessageAttributeMap } from '../structures/message-attributes.js';
import type { SignatureVersion, SnsEngineOptions } from './options.js';
import { bodyFor, type PublishedMessage } from './published-message.js';
import type { Subscription } from './topic.js';

/** What a notification's JSON is made with. */
export type Signing = Pick<SnsEngineOptions, 'region' | 'sign' | 'endpointUrl'>;

/** Path of `SigningCertURL`. */
export const CERTIFICATE_PATH = '/SimpleNotificationService-local.pem';

/** Members of a notification in AWS's order; absent ones are left out. */
type Members = readonly (readonly [name: string, value: string | MessageAttributeMap | undefined])[];

const endpointOf = ({ endpointUrl, region }: Signing): string =>
  endpointUrl?.() ?? `http://sns.${region}.localhost`;

/** A stand-in where nobody gave a key. */
const unverifiable = (text: string): string => hash('sha256', text, 'base64');

/**
 * The JSON a subscription without raw delivery gets, laid out as AWS lays it out. Notifications of FIFO topics carry
 * a sequence number and no signature.
 * @see https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 */
export function notificationJson(
  message: PublishedMessage,
  subscription: Subscription,
  signing: Signing,
): string {
  return layOut(notificationMembers(message, subscription, signing));
}

/** The record a Lambda function is invoked with. */
export function lambdaEvent(message: PublishedMessage, subscription: Subscription, signing: Signing): string {
  const members = new Map(notificationMembers(message, subscription, signing));
  const { attributes } = message;
  const sns = {
    SignatureVersion: members.get('SignatureVersion'),
    Timestamp: members.get('Timestamp'),
    Signature: members.get('Signature'),
    SigningCertUrl: members.get('SigningCertURL'),
    MessageId: message.messageId,
    Message: members.get('Message'),
    MessageAttributes: typesAndValues(attributes),
    Type: 'Notification',
    UnsubscribeUrl: members.get('UnsubscribeURL'),
    TopicArn: message.topicArn,
    Subject: message.subject ?? null,
  };
  const record = {
    EventVersion: '1.0',
    EventSubscriptionArn: subscription.arn,
    EventSource: 'aws:sns',
    Sns: sns,
  };
  return JSON.stringify({ Records: [record] });
}

/** What asks an endpoint to confirm its subscription. */
export function confirmationJson(
  subscription: Subscription,
  { messageId, now }: { readonly messageId: string; readonly now: number },
  signing: Signing,
): string {
  const { topic, token = '' } = subscription;
  const endpoint = endpointOf(signing);
  const url = `${endpoint}/?Action=ConfirmSubscription&TopicArn=${topic.arn}&Token=${token}`;
  const text = `You have chosen to subscribe to the topic ${topic.arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`;
  const timestamp = new Date(now).toISOString();
  const canonical: Members = [
    ['Message', text],
    ['MessageId', messageId],
    ['SubscribeURL', url],
    ['Timestamp', timestamp],
    ['Token', token],
    ['TopicArn', topic.arn],
    ['Type', 'SubscriptionConfirmation'],
  ];
  return layOut([
    ['Type', 'SubscriptionConfirmation'],
    ['MessageId', messageId],
    ['Token', token],
    ['TopicArn', topic.arn],
    ['Message', text],
    ['SubscribeURL', url],
    ['Timestamp', timestamp],
    ...signatureMembers(canonical, subscription, signing),
  ]);
}

function notificationMembers(
  message: PublishedMessage,
  subscription: Subscription,
  signing: Signing,
): Members {
  const body = bodyFor(message, subscription.protocol);
  const timestamp = new Date(message.publishedAt).toISOString();
  const canonical: Members = [
    ['Message', body],
    ['MessageId', message.messageId],
    ['Subject', message.subject],
    ['Timestamp', timestamp],
    ['TopicArn', message.topicArn],
    ['Type', 'Notification'],
  ];
  const unsubscribe = `${endpointOf(signing)}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`;
  return [
    ['Type', 'Notification'],
    ['MessageId', message.messageId],
    ['SequenceNumber', message.sequenceNumber],
    ['TopicArn', message.topicArn],
    ['Subject', message.subject],
    ['Message', body],
    ['Timestamp', timestamp],
    ...(subscription.topic.isFifo ? [] : signatureMembers(canonical, subscription, signing)),
    ['UnsubscribeURL', unsubscribe],
    ['Replayed', message.isReplayed ? 'true' : undefined],
    ['MessageAttributes', Object.keys(message.attributes).length === 0 ? undefined : message.attributes],
  ];
}

/**
 * Signs the canonical form: each member's name and value on a line of its own, in the order given.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
 */
function signatureMembers(canonical: Members, { topic }: Subscription, signing: Signing): Members {
  const version: SignatureVersion = topic.attributes.get('SignatureVersion') === '2' ? '2' : '1';
  const lines = canonical.flatMap(([name, value]) => (typeof value === 'string' ? [name, value] : []));
  return [
    ['SignatureVersion', version],
    ['Signature', (signing.sign ?? unverifiable)(`${lines.join('\n')}\n`, version)],
    ['SigningCertURL', `${endpointOf(signing)}${CERTIFICATE_PATH}`],
  ];
}

const typesAndValues = (
  attributes: MessageAttributeMap,
): Readonly<Record<string, { readonly Type: string; readonly Value: string }>> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [
      name,
      { Type: attribute.DataType, Value: attribute.StringValue ?? attribute.BinaryValue ?? '' },
    ]),
  );

function layOut(members: Members): string {
  const lines = members.flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [`  "${name}" : ${typeof value === 'string' ? JSON.stringify(value) : layOutAttributes(value)}`];
  });
  return `{\n${lines.join(',\n')}\n}`;
}

function layOutAttributes(attributes: MessageAttributeMap): string {
  const lines = Object.entries(typesAndValues(attributes)).map(
    ([name, { Type, Value }]) =>
      `    ${JSON.stringify(name)} : {"Type":${JSON.stringify(Type)},"Value":${JSON.stringify(Value)}}`,
  );
  return `{\n${lines.join(',\n')}\n  }`;
}
