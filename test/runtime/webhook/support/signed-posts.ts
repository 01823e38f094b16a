import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encodeEnvelope } from '../../../../lib/contract/index.js';
import { selfSignedCertificate } from '../../../../lib/emulator/http/certificate.js';

/** The time of these suites. */
export const NOW = Date.parse('2026-03-01T12:00:00.000Z');
export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:Events';
export const CERTIFICATE_URL =
  'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem';

const DAY_MS = 86_400_000;

/** A key pair; making one takes longer than all the rest of a test. */
export interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const rsaKeys = (modulusLength = 2_048): Keys => generateKeyPairSync('rsa', { modulusLength });

/** The keys of "SNS" in these suites, and those of somebody else. */
export const SNS_KEYS = rsaKeys();
export const OTHER_KEYS = rsaKeys();

export interface CertificateOver {
  readonly commonName?: string;
  readonly keys?: Keys;
  /** Who signs it. @default - itself */
  readonly issuer?: Keys;
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** A certificate as SNS would show it; give what is wrong with it. */
export const certificate = ({
  commonName = 'sns.amazonaws.com',
  keys = SNS_KEYS,
  issuer = keys,
  notBefore = NOW - DAY_MS,
  notAfter = NOW + DAY_MS,
}: CertificateOver = {}): string =>
  selfSignedCertificate({
    commonName,
    privateKey: issuer.privateKey,
    publicKey: keys.publicKey,
    notBefore,
    notAfter,
  });

export type Members = Record<string, unknown>;

/** How a message is signed; the names of the signed members are written out here a second time, on purpose. */
export interface Signing {
  readonly version?: '1' | '2';
  readonly keys?: Keys;
  readonly url?: string;
}

const SIGNED: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};

export function signed(
  members: Members,
  { version = '2', keys = SNS_KEYS, url = CERTIFICATE_URL }: Signing = {},
): Members {
  const text = (SIGNED[String(members['Type'])] ?? [])
    .filter((name) => name in members)
    .map((name) => `${name}\n${String(members[name])}\n`)
    .join('');
  const signature = createSign(version === '1' ? 'sha1' : 'sha256')
    .update(text)
    .sign(keys.privateKey, 'base64');
  return { ...members, SignatureVersion: version, Signature: signature, SigningCertURL: url };
}

/** A notification of `job.queued` before it is signed. */
export function notification(over: Members = {}, job = 'a1'): Members {
  const envelope = encodeEnvelope({ type: 'job.queued', id: job, schemaVersion: 1, publishedAt: NOW });
  return {
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: TOPIC,
    Message: JSON.stringify({ job }),
    Timestamp: new Date(NOW).toISOString(),
    MessageAttributes: Object.fromEntries(
      Object.entries(envelope).map(([name, Value]) => [name, { Type: 'String', Value: Value as string }]),
    ),
    ...over,
  };
}

/** A confirmation before it is signed. */
export const confirmation = (
  Type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  over: Members = {},
): Members => ({
  Type,
  MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b',
  Token: '2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92',
  TopicArn: TOPIC,
  Message: 'You have chosen to subscribe.\nTo confirm, visit the SubscribeURL.',
  SubscribeURL: `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336412f`,
  Timestamp: new Date(NOW).toISOString(),
  ...over,
});

/** A request as SNS makes it. */
export const post = (members: Members | string, headers: Record<string, string> = {}): Request =>
  new Request('https://hooks.example.com/events', {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=UTF-8', ...headers },
    body: typeof members === 'string' ? members : JSON.stringify(members),
  });
