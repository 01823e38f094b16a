import { decideCertificateUrl, placeOfTopic, type TopicPlace } from './certificate-policy.js';
import type { SignatureVersion, SnsMessage } from './sns-message.js';

/** Why a request was refused. The answer says no more than its class; the detail goes to the receiver's owner. */
export type RefusalReason =
  /** Something else than POST. */
  | 'method'
  | 'too-large'
  /** The body broke off, or a framework has read it already. */
  | 'unreadable'
  /** No message of SNS at all. */
  | 'malformed'
  /** Raw delivery carries no signature, and is not allowed. */
  | 'unsigned'
  /** A topic that is not on the list. */
  | 'foreign-topic'
  /** Older than the age allowed, or from the future. */
  | 'stale'
  | 'signature-version'
  /** The certificate is not where SNS keeps it, not SNS's, or not valid now. */
  | 'certificate'
  /** Signed by somebody else, or altered on the way. */
  | 'signature';

/**
 * The status of each refusal. SNS takes 4xx (but 429) as final: the message goes to the subscription's dead-letter queue at
 * once, or is gone where there is none.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
export const REFUSAL_STATUS: Readonly<Record<RefusalReason, number>> = Object.freeze({
  method: 405,
  'too-large': 413,
  unreadable: 500, // not the message's fault: it may come again
  malformed: 400,
  unsigned: 403,
  'foreign-topic': 403,
  stale: 403,
  'signature-version': 403,
  certificate: 403,
  signature: 403,
});

/** What messages are held against before anything is fetched for them. */
export interface AdmissionRules {
  readonly topicArns: ReadonlySet<string>;
  readonly maxAgeMs: number;
  readonly signatureVersions: readonly SignatureVersion[];
  readonly testOrigins: readonly string[];
}

/** A message that deserves a look at its signature, or why it does not. */
export type Admission =
  | { readonly kind: 'admitted'; readonly certificateUrl: string; readonly place: TopicPlace }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly detail: string };

/** How far the clocks of SNS and of this machine may differ. */
export const CLOCK_SKEW_MS = 300_000;

/** Everything that can be said without the network, cheapest first. */
export function admit(message: SnsMessage, rules: AdmissionRules, now: number): Admission {
  const place = placeOfTopic(message.topicArn);
  if (place === undefined || !rules.topicArns.has(message.topicArn))
    return refused('foreign-topic', 'the topic is not in topicArns');
  const ageMs = now - message.sentAt;
  if (ageMs > rules.maxAgeMs)
    return refused(
      'stale',
      `sent ${Math.round(ageMs / 1_000)} s ago, allowed are ${rules.maxAgeMs / 1_000} s`,
    );
  if (ageMs < -CLOCK_SKEW_MS)
    return refused('stale', `sent ${Math.round(-ageMs / 1_000)} s in the future: check this machine's clock`);
  if (!rules.signatureVersions.includes(message.signatureVersion))
    return refused('signature-version', `signature version ${message.signatureVersion} is not allowed`);
  const decision = decideCertificateUrl(message.certificateUrl, place, rules.testOrigins);
  return decision.kind === 'refused'
    ? refused('certificate', decision.reason)
    : { kind: 'admitted', certificateUrl: decision.url, place };
}

/** A raw delivery that may be read, by what its headers claim, or why not. */
export type RawAdmission =
  | { readonly kind: 'admitted'; readonly messageId: string; readonly topicArn: string }
  | Extract<Admission, { readonly kind: 'refused' }>;

/** What a raw delivery meets where it was not asked for. */
export const RAW_REFUSED: RawAdmission = Object.freeze({
  kind: 'refused',
  reason: 'unsigned',
  detail: 'raw delivery carries no signature: turn it off on the subscription, or set allowRaw',
});

/** Raw deliveries prove nothing; what they claim must at least be of the right form. */
export function admitRaw(
  header: (name: string) => string | undefined,
  { topicArns }: AdmissionRules,
): RawAdmission {
  const topicArn = header('x-amz-sns-topic-arn') ?? '';
  const messageId = header('x-amz-sns-message-id') ?? '';
  if (!topicArns.has(topicArn)) return refused('foreign-topic', 'the topic is not in topicArns');
  return /^[\w-]{1,128}$/.test(messageId)
    ? { kind: 'admitted', messageId, topicArn }
    : refused('malformed', 'x-amz-sns-message-id is missing or not of the form SNS gives');
}

const refused = (
  reason: RefusalReason,
  detail: string,
): Extract<Admission, { readonly kind: 'refused' }> => ({ kind: 'refused', reason, detail });
