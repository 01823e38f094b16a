import { SNSClient } from '@aws-sdk/client-sns';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { classifyAwsError } from '../../../../lib/runtime/aws/errors.js';
import { createSnsApi, type SnsApi } from '../../../../lib/runtime/aws/sns-api.js';
import type { OutgoingMessage } from '../../../../lib/runtime/aws/sqs-api.js';
import { createLeanSnsApi } from '../../../../lib/runtime/aws/wire/lean-sns-api.js';
import { createSystemClock } from '../../../../lib/runtime/system/clock.js';
import { signBySdk } from '../../support/signature-oracle.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:Events';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token/+=' };
const MESSAGE: OutgoingMessage = {
  body: '{"text":"grüße & <世界> 🎉 100 %+1\\u0001"}',
  attributes: {
    'x.type': { type: 'String', text: "it's größer (really)!*~" },
    count: { type: 'Number', text: '12' },
    list: { type: 'String.Array', text: '["a",null]' },
    blob: { type: 'Binary', bytes: Uint8Array.from([0, 255, 128, 7]) },
  },
};
const FIFO_MESSAGE: OutgoingMessage = { ...MESSAGE, group: 'g=1&2', deduplicationId: 'd+1' };

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const done = (members = '<member><Id>0</Id><MessageId>m-0</MessageId></member>', failed = ''): Answer => ({
  body: `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult><Failed>${failed}</Failed><Successful>${members}</Successful></PublishBatchResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishBatchResponse>`,
});

const refusal = (code: string, status = 400): Answer => ({
  status,
  body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>no &amp; never</Message></Error><RequestId>r-2</RequestId></ErrorResponse>`,
});

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A service whose answers are given in turn, the last of them for good; both transports on it, and what they asked. */
async function setup(...answers: readonly Answer[]) {
  const left = [...answers];
  const asked: Asked[] = [];
  const server = createServer((incoming, response) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => void pieces.push(piece));
    incoming.on('end', () => {
      asked.push({ headers: incoming.headers, body: Buffer.concat(pieces).toString('utf8') });
      const { status = 200, headers = {}, body } = (left.length > 1 ? left.shift() : left[0]) ?? done();
      response.writeHead(status, { 'content-type': 'text/xml', ...headers });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => new Promise((resolve) => void server.close(resolve)));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = { region: 'eu-west-1', endpoint };
  const client = new SNSClient({ ...target, credentials: CREDENTIALS, maxAttempts: 1 });
  closers.push(() => client.destroy());
  const lean = await createLeanSnsApi({ target, client, clock: createSystemClock() });
  closers.push(() => lean.close());
  return { asked, lean, sdk: await createSnsApi(target, client), target };
}

async function failureOf(api: SnsApi, messages = [MESSAGE]) {
  const error = await api.publishBatch(TOPIC, messages).catch((thrown: unknown) => thrown);
  const { kind, name, status, isRetryable } = classifyAwsError(error);
  return { kind, name, status, isRetryable };
}

describe('the lean SNS adapter', () => {
  it.each([
    { what: 'a message with attributes of every type', messages: [MESSAGE] },
    { what: 'a FIFO message', messages: [FIFO_MESSAGE] },
    {
      what: 'ten of them',
      messages: Array.from({ length: 10 }, (_, at) => ({ ...FIFO_MESSAGE, body: `${at}` })),
    },
  ])('asks for $what with the very parameters of the SDK', async ({ messages }) => {
    const { asked, lean, sdk } = await setup();
    await sdk.publishBatch(TOPIC, messages);
    await lean.publishBatch(TOPIC, messages);
    const [theirs, ours] = asked.map(({ body }) => [...new URLSearchParams(body)].map(String).sort());
    expect(ours).toEqual(theirs);
    expect(asked[1]?.headers['content-type']).toBe(asked[0]?.headers['content-type']);
  });

  it('signs what it sends byte for byte as the SDK would', async () => {
    const { asked, lean } = await setup();
    await lean.publishBatch(TOPIC, [FIFO_MESSAGE, MESSAGE]);
    const { headers, body } = asked[0]!;
    const date = String(headers['x-amz-date']);
    const signed = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1]?.split(';') ?? [];
    expect(signed).toEqual(['content-type', 'host', 'x-amz-date', 'x-amz-security-token']);
    const request = {
      method: 'POST',
      path: '/',
      headers: { host: headers.host ?? '', 'content-type': headers['content-type'] ?? '' },
      body,
    };
    const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
    const scope = { credentials: CREDENTIALS, region: 'eu-west-1', service: 'sns', at: new Date(iso) };
    expect(headers['authorization']).toBe((await signBySdk(request, scope))['authorization']);
  });

  it('tells what became of each entry, as the SDK does', async () => {
    const members =
      '<member><SequenceNumber>10000000000000001000</SequenceNumber><MessageId>m-2</MessageId><Id>2</Id></member>' +
      '<member><Id>0</Id><MessageId>m-0</MessageId></member>';
    const failed =
      '<member><Id>1</Id><Code>InternalError</Code><Message>a &lt; b</Message><SenderFault>false</SenderFault></member>' +
      '<member><Id>3</Id><Code>InvalidParameter</Code><SenderFault>true</SenderFault></member>';
    const { lean, sdk } = await setup(done(members, failed));
    const five = Array.from({ length: 5 }, () => MESSAGE);
    const outcomes = await lean.publishBatch(TOPIC, five);
    expect(outcomes).toEqual(await sdk.publishBatch(TOPIC, five));
    expect(outcomes).toEqual([
      { kind: 'done', value: { messageId: 'm-0' } },
      { kind: 'failed', code: 'InternalError', isSenderFault: false },
      { kind: 'done', value: { messageId: 'm-2', sequenceNumber: '10000000000000001000' } },
      { kind: 'failed', code: 'InvalidParameter', isSenderFault: true },
      { kind: 'failed', code: 'NotAnswered', isSenderFault: false },
    ]);
  });

  it.each([
    ['AuthorizationError', 403, 'denied'],
    ['BatchEntryIdsNotDistinct', 400, 'refused'],
    ['BatchRequestTooLong', 400, 'refused'],
    ['EmptyBatchRequest', 400, 'refused'],
    ['EndpointDisabled', 400, 'refused'],
    ['InternalError', 500, 'unavailable'],
    ['InvalidBatchEntryId', 400, 'refused'],
    ['InvalidParameter', 400, 'refused'],
    ['ParameterValueInvalid', 400, 'refused'],
    ['InvalidSecurity', 403, 'denied'],
    ['KMSAccessDenied', 400, 'denied'],
    ['KMSDisabled', 400, 'refused'],
    ['KMSInvalidState', 400, 'refused'],
    ['KMSNotFound', 400, 'missing'],
    ['KMSOptInRequired', 403, 'denied'],
    ['KMSThrottling', 400, 'throttled'],
    ['NotFound', 404, 'missing'],
    ['PlatformApplicationDisabled', 400, 'refused'],
    ['Throttled', 429, 'throttled'],
    ['Throttling', 400, 'throttled'],
    ['TooManyEntriesInBatchRequest', 400, 'refused'],
    ['ValidationException', 400, 'refused'],
    ['SignatureDoesNotMatch', 403, 'denied'],
    ['ServiceUnavailable', 503, 'unavailable'],
    ['NobodyKnows', 400, 'refused'],
  ])('fails by %s (%i) as the SDK does, %s', async (code, status, kind) => {
    const { lean, sdk } = await setup(refusal(code, status));
    const failure = await failureOf(lean);
    expect(failure).toEqual(await failureOf(sdk));
    expect(failure).toMatchObject({ kind, status });
  });

  it.each([
    ['a page of a gateway', { status: 503, body: '<html><body>busy<br></body></html>' }, 'unavailable'],
    ['a refusal without words', { status: 403, body: '' }, 'refused'],
    ['a success that is no XML', { body: '{"MessageId":"m-0"}' }, 'unavailable'],
    [
      'the answer to something else',
      { body: '<PublishResponse><PublishResult/></PublishResponse>' },
      'unavailable',
    ],
    ['an answer without a result', { body: '<PublishBatchResponse/>' }, 'unavailable'],
  ])('tells %s as %s', async (_what, answer, kind) => {
    const { lean } = await setup(answer);
    expect((await failureOf(lean)).kind).toBe(kind);
  });

  it('tells the words and the request of a refusal', async () => {
    const { lean } = await setup(refusal('InvalidParameter'));
    await expect(lean.publishBatch(TOPIC, [MESSAGE])).rejects.toMatchObject({
      message: 'no & never',
      $metadata: { requestId: 'r-2' },
    });
  });

  it('fetches credentials anew when they are expired', async () => {
    const { asked, lean } = await setup(refusal('ExpiredToken', 403), done());
    await expect(lean.publishBatch(TOPIC, [MESSAGE])).resolves.toHaveLength(1);
    expect(asked).toHaveLength(2);
  });

  it('makes an SDK client of its own for credentials and region, and closes it', async () => {
    const { target, asked } = await setup();
    process.env['AWS_ACCESS_KEY_ID'] = 'of-the-environment';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    const lean = await createLeanSnsApi({ target, clock: createSystemClock() });
    await lean.publishBatch(TOPIC, [MESSAGE]);
    lean.close();
    expect(asked[0]?.headers['authorization']).toContain('Credential=of-the-environment/');
  });
});
