/** Where a topic lives, read off its ARN. */
export interface TopicPlace {
  readonly region: string;
  /** What the hosts of the topic's partition end in. */
  readonly domain: string;
}

/** Hosts by partition. @see https://docs.aws.amazon.com/general/latest/gr/sns.html */
const DOMAINS: ReadonlyMap<string, string> = new Map([
  ['aws', 'amazonaws.com'],
  ['aws-us-gov', 'amazonaws.com'],
  ['aws-cn', 'amazonaws.com.cn'],
  ['aws-eusc', 'amazonaws.eu'],
]);

/** The place of a topic; undefined for what is no topic's ARN, or one in a partition whose hosts are not known here. */
export function placeOfTopic(topicArn: string): TopicPlace | undefined {
  const [, partition, region] =
    /^arn:([a-z-]+):sns:([a-z0-9-]+):\d{12}:[\w-]+(?:\.fifo)?$/.exec(topicArn) ?? [];
  const domain = DOMAINS.get(partition ?? '');
  return region === undefined || domain === undefined ? undefined : { region, domain };
}

/** Whether a certificate may be fetched from where a message says. */
export type CertificateUrlDecision =
  { readonly kind: 'allowed'; readonly url: string } | { readonly kind: 'refused'; readonly reason: string };

const PATH = /^\/SimpleNotificationService-[0-9a-f]{8,64}\.pem$/;
/** An emulator names its certificate as it likes. */
const TEST_PATH = /^\/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem$/;

/**
 * Decides on a `SigningCertURL`: it must be, byte for byte, `https://sns.<region of the topic>.<domain>/` and the name
 * of a certificate. Nothing is normalised: a URL that two parsers could read in two ways is refused.
 * @param testOrigins origins that stand in for SNS in tests, e.g. `http://127.0.0.1:4566`
 */
export function decideCertificateUrl(
  text: string,
  place: TopicPlace,
  testOrigins: readonly string[],
): CertificateUrlDecision {
  const testOrigin = testOrigins.find((origin) => text.startsWith(`${origin}/`));
  if (testOrigin !== undefined) {
    return TEST_PATH.test(text.slice(testOrigin.length))
      ? { kind: 'allowed', url: text }
      : { kind: 'refused', reason: 'the path is no certificate of SNS' };
  }
  const origin = `https://sns.${place.region}.${place.domain}`;
  if (!text.startsWith(`${origin}/`))
    return { kind: 'refused', reason: `the certificate must be at ${origin}, the region of the topic` };
  return PATH.test(text.slice(origin.length))
    ? { kind: 'allowed', url: text }
    : { kind: 'refused', reason: 'the path is no certificate of SNS' };
}

/**
 * The names that SNS's certificates are issued to: the global one, in newer regions one per region, in China and
 * GovCloud one with the region in the first label.
 */
export function certificateNames({ region, domain }: TopicPlace): readonly string[] {
  const own = [
    `sns.${region}.${domain}`,
    `sns-signing.${region}.${domain}`,
    `sns-${region}.${domain}`,
    `sns.${domain}`,
  ];
  return region.startsWith('us-gov-') ? [...own, `sns-us-gov-west-1.${domain}`] : own;
}

/** What a certificate says of itself; times are epoch milliseconds. */
export interface CertificateFacts {
  /** Common name and DNS names. */
  readonly names: readonly string[];
  readonly validFrom: number;
  readonly validTo: number;
  readonly keyType: string;
  readonly keyBits: number;
}

const MIN_KEY_BITS = 2_048;

/** Why a certificate can't vouch for messages of this place now; undefined when it can. */
export function certificateViolation(
  facts: CertificateFacts,
  place: TopicPlace,
  now: number,
): string | undefined {
  // Written so that a date that could not be read counts as not valid.
  if (!(now >= facts.validFrom && now <= facts.validTo)) return 'the certificate is not valid at this time';
  const allowed = certificateNames(place);
  if (!facts.names.some((name) => allowed.includes(name)))
    return 'the certificate was not issued to SNS in the region of the topic';
  if (facts.keyType !== 'rsa' || facts.keyBits < MIN_KEY_BITS)
    return `the certificate's key must be RSA of at least ${MIN_KEY_BITS} bits`;
  return undefined;
}
