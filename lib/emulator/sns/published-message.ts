import type { MessageAttributeMap } from '../structures/message-attributes.js';

/** Protocols a topic can be subscribed with. */
export type SnsProtocol =
  'sqs' | 'lambda' | 'http' | 'https' | 'firehose' | 'email' | 'email-json' | 'sms' | 'application';

/** A message as it was published, before it takes the form its subscribers get. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  /** The text, or the `default` of a `MessageStructure` of `json`. */
  readonly body: string;
  /** Texts for single protocols, from a `MessageStructure` of `json`. */
  readonly bodies: Readonly<Record<string, string>>;
  readonly attributes: MessageAttributeMap;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  /** Epoch ms. */
  readonly publishedAt: number;
  /** True when it comes out of the topic's archive. */
  readonly isReplayed: boolean;
}

/** The text a protocol gets. */
export const bodyFor = (message: PublishedMessage, protocol: SnsProtocol): string =>
  message.bodies[protocol] ?? message.body;
