import fc from 'fast-check';
import {
  certificateNames,
  certificateViolation,
  decideCertificateUrl,
  placeOfTopic,
  type CertificateFacts,
} from '../../../lib/core/webhook/certificate-policy.js';

const FILE = '/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem';
const IRELAND = { region: 'eu-west-1', domain: 'amazonaws.com' };

describe('the place of a topic', () => {
  it.each([
    ['arn:aws:sns:eu-west-1:123456789012:T', 'https://sns.eu-west-1.amazonaws.com'],
    ['arn:aws-cn:sns:cn-north-1:123456789012:T', 'https://sns.cn-north-1.amazonaws.com.cn'],
    ['arn:aws-us-gov:sns:us-gov-east-1:123456789012:T', 'https://sns.us-gov-east-1.amazonaws.com'],
    ['arn:aws-eusc:sns:eusc-de-east-1:123456789012:T', 'https://sns.eusc-de-east-1.amazonaws.eu'],
  ])('of %s has its certificates at %s', (arn, origin) => {
    const place = placeOfTopic(arn)!;
    expect(decideCertificateUrl(`${origin}${FILE}`, place, [])).toEqual({
      kind: 'allowed',
      url: `${origin}${FILE}`,
    });
  });

  it.each([
    '',
    'arn:aws:sqs:eu-west-1:123456789012:Q',
    'arn:constructor:sns:eu-west-1:123456789012:T',
    'arn:aws:sns:eu-west-1/x:123456789012:T',
  ])('is unknown for %j', (arn) => {
    expect(placeOfTopic(arn)).toBeUndefined();
  });
});

describe('the URL of a certificate', () => {
  it('is refused unless URL parsers agree that it is on the host of SNS, with that path and nothing else', () => {
    const url = fc
      .array(
        fc.constantFrom(
          'https://',
          'sns',
          '.',
          'eu-west-1',
          'amazonaws.com',
          '/',
          '@',
          '?',
          '#',
          '\\',
          ':',
          FILE,
          'a',
        ),
        { maxLength: 10 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(url, fc.constant(`https://sns.eu-west-1.amazonaws.com${FILE}`)), (text) => {
        if (decideCertificateUrl(text, IRELAND, []).kind === 'refused') return true;
        const { origin, pathname, search, hash, username } = new URL(text);
        return (
          [origin, pathname, search, hash, username].join() ===
          `https://sns.eu-west-1.amazonaws.com,${FILE},,,`
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('may be at a test origin only with exactly that origin', () => {
    const decide = (url: string): string =>
      decideCertificateUrl(url, IRELAND, ['http://127.0.0.1:4566']).kind;
    const file = '/SimpleNotificationService-local.pem';
    expect(
      ['http://127.0.0.1:4566', 'http://127.0.0.1:45661', 'http://127.0.0.1:4566@evil.example'].map(
        (origin) => decide(`${origin}${file}`),
      ),
    ).toEqual(['allowed', 'refused', 'refused']);
  });
});

describe('a certificate', () => {
  const facts = (over: Partial<CertificateFacts> = {}): CertificateFacts => ({
    names: ['sns.amazonaws.com'],
    validFrom: 100,
    validTo: 200,
    keyType: 'rsa',
    keyBits: 2_048,
    ...over,
  });

  it.each([
    ['eu-west-1', 'amazonaws.com', 'sns.amazonaws.com'],
    ['af-south-1', 'amazonaws.com', 'sns-signing.af-south-1.amazonaws.com'],
    ['us-gov-east-1', 'amazonaws.com', 'sns-us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'amazonaws.com.cn', 'sns-cn-north-1.amazonaws.com.cn'],
    ['eusc-de-east-1', 'amazonaws.eu', 'sns-signing.eusc-de-east-1.amazonaws.eu'],
  ])('of SNS in %s under %s is issued to %s', (region, domain, name) => {
    expect(certificateNames({ region, domain })).toContain(name);
  });

  it('is fine from the first to the last moment of its time', () => {
    const at = (now: number): boolean => certificateViolation(facts(), IRELAND, now) === undefined;
    expect([99, 100, 200, 201].map(at)).toEqual([false, true, true, false]);
  });

  it.each([
    ['dates that can not be read', { validTo: NaN }],
    ['no name', { names: [] }],
    ['a name of another region', { names: ['sns-signing.af-south-1.amazonaws.com'] }],
    ['an elliptic key', { keyType: 'ec', keyBits: 0 }],
    ['a short key', { keyBits: 1_024 }],
  ])('is refused with %s', (_what, over) => {
    expect(certificateViolation(facts(over), IRELAND, 150)).toEqual(expect.any(String));
  });
});
