/** What every message of SNS to an HTTP(S) endpoint carries. All of it but the signature's own members is signed. */
interface SnsMessageBase {
  readonly messageId: string;
  readonly topicArn: string;
  readonly message: string;
  /** As signed: ISO 8601. */
  readonly timestamp: string;
  /** The same, epoch milliseconds. */
  readonly sentAt: number;
  readonly signatureVersion: SignatureVersion;
  /** Base64. */
  readonly signature: string;
  /** Not to be trusted before it was checked: whoever sent this wrote it. */
  readonly certificateUrl: string;
}

/** 1 signs a SHA-1 digest, 2 a SHA-256 digest. */
export type SignatureVersion = '1' | '2';

/**
 * A message of SNS as its JSON says, by the text of `Type`. Member names and forms are AWS's.
 * @see https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 */
export type SnsMessage =
  | ({ readonly kind: 'notification'; readonly subject?: string } & SnsMessageBase)
  | ({
      /** Somebody subscribed this endpoint, or unsubscribed it; `token` is what the SNS API confirms with. */
      readonly kind: 'subscription' | 'unsubscription';
      readonly token: string;
      readonly subscribeUrl: string;
    } & SnsMessageBase);

/** A message that was read, or why the text is none; `reason` never repeats the text. */
export type ParsedSnsMessage =
  | { readonly kind: 'message'; readonly message: SnsMessage }
  | { readonly kind: 'invalid'; readonly reason: string };

const KINDS: ReadonlyMap<unknown, SnsMessage['kind']> = new Map([
  ['Notification', 'notification'],
  ['SubscriptionConfirmation', 'subscription'],
  ['UnsubscribeConfirmation', 'unsubscription'],
]);

/**
 * What the members may look like. None but `Message` may hold a line break: the signed text is lines of names and
 * values, and a value with line breaks could be cut into other members without changing that text.
 */
const FORMS = {
  Type: /^[A-Za-z]{1,64}$/,
  MessageId: /^[\w-]{1,128}$/,
  TopicArn: /^arn:[\w-]{1,32}:sns:[a-z0-9-]{1,32}:\d{12}:[\w-]{1,256}(\.fifo)?$/,
  Timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
  SignatureVersion: /^[12]$/,
  Signature: /^[A-Za-z0-9+/]{1,2048}={0,2}$/,
  SigningCertURL: /^[\x21-\x7e]{1,1024}$/,
  Token: /^[\x21-\x7e]{1,2048}$/,
  SubscribeURL: /^[\x21-\x7e]{1,8192}$/,
  Subject: /^[^\p{Cc}\p{Cs}]{0,1024}$/u,
  // Halves of surrogate pairs have no UTF-8: all of them would be signed as the same replacement character.
  Message: /^\P{Cs}*$/u,
} as const;

type Member = keyof typeof FORMS;

const COMMON: readonly Member[] = [
  'Type',
  'MessageId',
  'TopicArn',
  'Message',
  'Timestamp',
  'SignatureVersion',
  'Signature',
  'SigningCertURL',
];

/** Reads a request's body. Total: every text is a message or has a reason why it is none. */
export function parseSnsMessage(text: string): ParsedSnsMessage {
  const members = parseObject(text);
  if (members === undefined) return invalid('the body is no JSON object');
  const kind = KINDS.get(members['Type']);
  if (kind === undefined) return invalid(`Type must be one of ${[...KINDS.keys()].join(', ')}`);
  const isNotification = kind === 'notification';
  const needed: readonly Member[] = isNotification ? COMMON : [...COMMON, 'Token', 'SubscribeURL'];
  const wrong = needed.filter((name) => !hasForm(members, name));
  const subject = isNotification ? (members['Subject'] ?? undefined) : undefined;
  if (subject !== undefined && !hasForm(members, 'Subject')) wrong.push('Subject');
  if (wrong.length > 0) return invalid(`${wrong.join(', ')} missing or not of the form SNS gives`);
  const base = readBase(members as Readonly<Record<Member, string>>);
  if (Number.isNaN(base.sentAt)) return invalid('Timestamp is no time');
  return { kind: 'message', message: complete(kind, base, members as Readonly<Record<Member, string>>) };
}

/**
 * The text that SNS signed: names and values of the signed members, each on a line, in byte order of the names.
 * `MessageAttributes` are not among them, so nothing that hangs on them is proven by the signature.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
 */
export function canonicalText(message: SnsMessage): string {
  const members =
    message.kind === 'notification'
      ? [
          ['Message', message.message],
          ['MessageId', message.messageId],
          ...(message.subject === undefined ? [] : [['Subject', message.subject]]),
          ['Timestamp', message.timestamp],
          ['TopicArn', message.topicArn],
          ['Type', 'Notification'],
        ]
      : [
          ['Message', message.message],
          ['MessageId', message.messageId],
          ['SubscribeURL', message.subscribeUrl],
          ['Timestamp', message.timestamp],
          ['Token', message.token],
          ['TopicArn', message.topicArn],
          ['Type', message.kind === 'subscription' ? 'SubscriptionConfirmation' : 'UnsubscribeConfirmation'],
        ];
  return members.map((member) => `${member.join('\n')}\n`).join('');
}

function readBase(members: Readonly<Record<Member, string>>): SnsMessageBase {
  return {
    messageId: members.MessageId,
    topicArn: members.TopicArn,
    message: members.Message,
    timestamp: members.Timestamp,
    sentAt: Date.parse(members.Timestamp),
    signatureVersion: members.SignatureVersion === '2' ? '2' : '1',
    signature: members.Signature,
    certificateUrl: members.SigningCertURL,
  };
}

function complete(
  kind: SnsMessage['kind'],
  base: SnsMessageBase,
  members: Readonly<Record<Member, string>> & { readonly Subject?: string | null },
): SnsMessage {
  if (kind !== 'notification')
    return { kind, ...base, token: members.Token, subscribeUrl: members.SubscribeURL };
  const subject: string | null | undefined = members.Subject;
  return { kind, ...base, ...(typeof subject === 'string' && { subject }) };
}

function hasForm(members: Readonly<Record<string, unknown>>, name: Member): boolean {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  return typeof value === 'string' && FORMS[name].test(value);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const invalid = (reason: string): ParsedSnsMessage => ({ kind: 'invalid', reason });
