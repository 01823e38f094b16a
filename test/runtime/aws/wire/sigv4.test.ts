import fc from 'fast-check';
import { RequestSigner, type UnsignedRequest } from '../../../../lib/runtime/aws/wire/sigv4.js';
import { signBySdk } from '../../support/signature-oracle.js';

const SUITE_TIME = Date.UTC(2015, 7, 30, 12, 36, 0);
const SUITE_KEYS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const SUITE_SCOPE = { region: 'us-east-1', service: 'service' };
const SUITE_TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

function post(over: Partial<UnsignedRequest> = {}): UnsignedRequest {
  return {
    method: 'POST',
    path: '/',
    body: '',
    ...over,
    headers: { host: 'example.amazonaws.com', ...over.headers },
  };
}

describe("AWS's signature test suite", () => {
  it.each([
    {
      name: 'post-vanilla',
      request: post(),
      signed: 'host;x-amz-date',
      signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    },
    {
      name: 'get-vanilla',
      request: post({ method: 'GET' }),
      signed: 'host;x-amz-date',
      signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    },
    {
      name: 'post-header-key-sort',
      request: post({ headers: { 'my-header1': 'value1' } }),
      signed: 'host;my-header1;x-amz-date',
      signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    },
    {
      name: 'post-header-value-case',
      request: post({ headers: { 'my-header1': 'VALUE1' } }),
      signed: 'host;my-header1;x-amz-date',
      signature: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
    },
    {
      name: 'post-sts-header-before',
      request: post(),
      token: SUITE_TOKEN,
      signed: 'host;x-amz-date;x-amz-security-token',
      signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    },
    {
      name: 'post-x-www-form-urlencoded',
      request: post({
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Param1=value1',
      }),
      signed: 'content-type;host;x-amz-date',
      signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    },
    {
      name: 'post-x-www-form-urlencoded-parameters',
      request: post({
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf8' },
        body: 'Param1=value1',
      }),
      signed: 'content-type;host;x-amz-date',
      signature: '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
    },
  ])('is met byte for byte by $name', ({ request, token, signed, signature }) => {
    const headers = new RequestSigner(SUITE_SCOPE).sign(
      request,
      { ...SUITE_KEYS, sessionToken: token },
      SUITE_TIME,
    );
    expect(headers['authorization']).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    );
    expect(headers['x-amz-security-token']).toBe(token);
  });
});

describe('a request signer', () => {
  it("signs any request as the SDK's signer does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          body: fc.string({ unit: 'binary', maxLength: 200 }),
          path: fc.constantFrom('/', '/queue/', '/a%20b/', "/it's(1)*!/", '/ü/'.normalize()),
          value: fc.stringMatching(/^[\x20-\x7e]{1,40}$/).filter((text) => text.trim() !== ''),
          secretAccessKey: fc.stringMatching(/^[\x21-\x7e]{1,50}$/),
          sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,100}$/), { nil: undefined }),
          region: fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1', 'us-gov-west-1'),
          now: fc.date({
            min: new Date(1_500_000_000_000),
            max: new Date(4_000_000_000_000),
            noInvalidDate: true,
          }),
        }),
        async ({ body, path, value, secretAccessKey, sessionToken, region, now }) => {
          const credentials = {
            accessKeyId: 'AKIDEXAMPLE',
            secretAccessKey,
            ...(sessionToken !== undefined && { sessionToken }),
          };
          const headers = {
            host: 'sqs.example',
            'content-type': 'application/x-amz-json-1.0',
            'x-amz-target': value,
          };
          const ours = new RequestSigner({ region, service: 'sqs' }).sign(
            { method: 'POST', path, headers, body },
            credentials,
            now.getTime(),
          );
          const request = { method: 'POST', path, headers, body };
          const theirs = await signBySdk(request, { credentials, region, service: 'sqs', at: now });
          expect(ours['authorization']).toBe(theirs['authorization']);
          expect(ours['x-amz-date']).toBe(theirs['x-amz-date']);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('derives a new key for another day and for other credentials', () => {
    const signer = new RequestSigner(SUITE_SCOPE);
    const sign = (secretAccessKey: string, now: number): string | undefined =>
      signer.sign(post(), { accessKeyId: 'A', secretAccessKey }, now)['authorization'];
    const fresh = (secretAccessKey: string, now: number): string | undefined =>
      new RequestSigner(SUITE_SCOPE).sign(post(), { accessKeyId: 'A', secretAccessKey }, now)[
        'authorization'
      ];
    const days = [SUITE_TIME, SUITE_TIME + 86_400_000];
    for (const secret of ['one', 'two'])
      for (const day of days) expect(sign(secret, day)).toBe(fresh(secret, day));
    expect(new Set(days.flatMap((day) => [sign('one', day), sign('two', day)])).size).toBe(4);
  });

  it('signs what has changed since the last call of the same form', () => {
    const signer = new RequestSigner({ region: 'us-east-1', service: 'sqs' });
    const headers = { host: 'sqs.example', 'x-amz-target': 'AmazonSQS.ReceiveMessage' };
    const calls = fc.record({
      path: fc.constantFrom('/', '/queue/'),
      method: fc.constantFrom('POST', 'PUT'),
      body: fc.constantFrom('', '{}'),
      second: fc.constantFrom(0, 1, 86_400),
      accessKeyId: fc.constantFrom('AKIDEXAMPLE', 'AKIDOTHER'),
      secretAccessKey: fc.constantFrom('one', 'other'),
      sessionToken: fc.constantFrom(undefined, 'token', 'renewed'),
    });
    fc.assert(
      fc.property(fc.array(calls, { minLength: 2, maxLength: 8 }), (history) => {
        for (const { path, method, body, second, ...credentials } of history) {
          const request = { method, path, headers, body };
          const now = SUITE_TIME + second * 1_000;
          const anew = new RequestSigner({ region: 'us-east-1', service: 'sqs' });
          expect(signer.sign(request, credentials, now)).toEqual(
            anew.sign({ ...request, headers: { ...headers } }, credentials, now),
          );
        }
      }),
      { numRuns: 100 },
    );
  });
});
