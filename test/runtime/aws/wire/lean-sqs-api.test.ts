import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIntact } from '../../../../lib/runtime/aws/checksums.js';
import { classifyAwsError } from '../../../../lib/runtime/aws/errors.js';
import type { SqsApi } from '../../../../lib/runtime/aws/sqs-api.js';
import { createSqsApi } from '../../../../lib/runtime/aws/sqs-client.js';
import { createLeanSqsApi } from '../../../../lib/runtime/aws/wire/lean-sqs-api.js';
import { createSystemClock } from '../../../../lib/runtime/system/clock.js';
import { LazyAbort } from '../../../../lib/runtime/system/lazy-abort.js';
import { createLocalAws } from '../../../../lib/testing/index.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const never = new LazyAbort();

async function emulated(): Promise<{
  queueUrl: string;
  lean: SqsApi;
  sdk: SqsApi;
  target: { region: string; endpoint: string };
}> {
  const aws = await createLocalAws({ dynamodb: false });
  closers.push(() => aws.close());
  const client = new SQSClient(aws.clientConfig);
  closers.push(() => client.destroy());
  const { QueueUrl: queueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const target = { region: aws.region, endpoint: aws.endpoint };
  const lean = await createLeanSqsApi({ target, client, clock: createSystemClock() });
  closers.push(() => lean.close());
  const sdk = await createSqsApi(target, client);
  return { queueUrl, lean, sdk, target };
}

const request = (queueUrl: string, waitSeconds = 0) => ({
  queueUrl,
  maxMessages: 10,
  waitSeconds,
  visibilityTimeoutSeconds: 30,
});

const MESSAGE = {
  body: '{"text":"grüße, 世界 🎉\\u0001"}',
  attributes: {
    type: { type: 'String', text: 'größer' },
    count: { type: 'Number.int', text: '12' },
    blob: { type: 'Binary', bytes: Uint8Array.from([0, 255, 128, 7]) },
  },
};

describe('the lean SQS adapter', () => {
  it('sends what the SDK receives, and receives what the SDK sends, checksums included', async () => {
    const { queueUrl, lean, sdk } = await emulated();
    const [sent] = await lean.sendBatch(queueUrl, [MESSAGE]);
    expect(sent).toMatchObject({ kind: 'done', value: { messageId: expect.any(String) as string } });
    const [bySdk] = await sdk.receive(request(queueUrl), never);
    await sdk.sendBatch(queueUrl, [MESSAGE]);
    const [byLean] = await lean.receive(request(queueUrl), never);
    for (const message of [bySdk!, byLean!]) {
      expect(message.body).toBe(MESSAGE.body);
      expect(message.attributes['type']).toEqual(MESSAGE.attributes.type);
      expect(Buffer.from((message.attributes['blob'] as { bytes: Uint8Array }).bytes)).toEqual(
        Buffer.from(MESSAGE.attributes.blob.bytes),
      );
      expect(message.receiveCount).toBe(1);
      const stated = { ofBody: message.md5OfBody, ofAttributes: message.md5OfAttributes };
      expect(stated).toEqual({
        ofBody: expect.stringMatching(/^\w{32}$/) as unknown,
        ofAttributes: expect.stringMatching(/^\w{32}$/) as unknown,
      });
      expect(isIntact(message, stated)).toBe(true);
      expect(isIntact({ ...message, body: `${message.body} ` }, stated)).toBe(false);
      expect(isIntact({ ...message, attributes: {} }, stated)).toBe(false);
    }
  });

  it('deletes, and changes visibility, with one outcome per entry', async () => {
    const { queueUrl, lean } = await emulated();
    await lean.sendBatch(queueUrl, [MESSAGE, MESSAGE]);
    const [first, second] = await lean.receive(request(queueUrl), never);
    const released = await lean.changeVisibilityBatch(queueUrl, [
      { receiptHandle: 'never was one', visibilityTimeoutSeconds: 0 },
      { receiptHandle: first!.receiptHandle, visibilityTimeoutSeconds: 0 },
    ]);
    expect(released.map(({ kind }) => kind)).toEqual(['failed', 'done']);
    const [again] = await lean.receive(request(queueUrl), never);
    expect([again!.messageId, again!.receiveCount]).toEqual([first!.messageId, 2]);
    const deleted = await lean.deleteBatch(queueUrl, [again!.receiptHandle, second!.receiptHandle]);
    expect(deleted.map(({ kind }) => kind)).toEqual(['done', 'done']);
  });

  it('fails as the SDK does, for the classification of errors', async () => {
    const { queueUrl, lean, sdk } = await emulated();
    const failure = async (api: SqsApi) => {
      const { kind, name, status } = classifyAwsError(
        await api.receive(request(`${queueUrl}-missing`), never).catch((error: unknown) => error),
      );
      return { kind, name, status };
    };
    expect(await failure(lean)).toEqual(await failure(sdk));
    expect(await failure(lean)).toEqual({ kind: 'missing', name: 'QueueDoesNotExist', status: 400 });
  });

  it('ends a long poll that is cancelled', async () => {
    const { queueUrl, lean } = await emulated();
    const cancellation = new LazyAbort();
    const poll = lean.receive(request(queueUrl, 20), cancellation);
    cancellation.abort('stop');
    expect(classifyAwsError(await poll.catch((error: unknown) => error)).kind).toBe('aborted');
  });

  it('makes an SDK client of its own for credentials and region, and closes it', async () => {
    const { queueUrl, target } = await emulated();
    process.env['AWS_ACCESS_KEY_ID'] = 'test';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    const lean = await createLeanSqsApi({ target, clock: createSystemClock() });
    expect(await lean.receive(request(queueUrl), never)).toEqual([]);
    lean.close();
    await expect(lean.receive(request(queueUrl), never)).resolves.toEqual([]);
    lean.close();
  });
});

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A service whose answers are given in turn, and what it was asked. */
async function scripted(
  answers: readonly Answer[],
  credentials?: () => Promise<{ accessKeyId: string; secretAccessKey: string }>,
) {
  const left = [...answers];
  const asked: IncomingMessage[] = [];
  const server = createServer((incoming, response) => {
    asked.push(incoming);
    incoming.resume();
    incoming.on('end', () => {
      const { status = 200, headers = {}, body } = left.shift() ?? { status: 500, body: {} };
      response.writeHead(status, { ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => new Promise((resolve) => void server.close(resolve)));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new SQSClient({
    region: 'eu-west-1',
    endpoint,
    credentials: credentials ?? { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const target = { region: 'eu-west-1', endpoint };
  const lean = await createLeanSqsApi({ target, client, clock: createSystemClock() });
  closers.push(() => lean.close());
  const header = (name: string): (string | undefined)[] =>
    asked.map(({ headers }) => headers[name] as string | undefined);
  return { lean, header, queueUrl: `${endpoint}/000000000000/jobs` };
}

const refusal = (name: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 400,
  headers,
  body: { __type: `com.amazon.coral.service#${name}`, message: 'no' },
});

describe('the lean SQS adapter, when the service refuses', () => {
  it.each(['ExpiredToken', 'ExpiredTokenException'])(
    'fetches credentials anew after %s, once',
    async (name) => {
      let fetched = 0;
      const credentials = () =>
        Promise.resolve({ accessKeyId: `key-${(fetched += 1)}`, secretAccessKey: 'test' });
      const { lean, header, queueUrl } = await scripted([refusal(name), { body: {} }], credentials);
      await expect(lean.receive(request(queueUrl), never)).resolves.toEqual([]);
      expect(header('authorization').map((text) => /Credential=([^/]+)/.exec(text ?? '')?.[1])).toEqual([
        'key-1',
        'key-2',
      ]);
    },
  );

  it('fails when fresh credentials are expired, too', async () => {
    const { lean, header, queueUrl } = await scripted([refusal('ExpiredToken'), refusal('ExpiredToken')]);
    const failure = classifyAwsError(
      await lean.receive(request(queueUrl), never).catch((error: unknown) => error),
    );
    expect([failure.kind, header('host').length]).toEqual(['denied', 2]);
  });

  it("signs by the service's clock once its own turns out to be off", async () => {
    const hourAhead = new Date(Date.now() + 3_600_000);
    const refused = refusal('InvalidSignatureException', { date: hourAhead.toUTCString() });
    const { lean, header, queueUrl } = await scripted([refused, { body: {} }, { body: {} }]);
    await lean.receive(request(queueUrl), never);
    await lean.receive(request(queueUrl), never);
    const offs = header('x-amz-date').map((date = '') => {
      const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
      return Math.round((Date.parse(iso) - Date.now()) / 60_000 + 100) - 100;
    });
    expect(offs).toEqual([0, 60, 60]);
  });

  it('does not try again what has another reason', async () => {
    const { lean, header, queueUrl } = await scripted([
      refusal('AccessDenied', { date: new Date().toUTCString(), 'x-amzn-requestid': 'request-1' }),
    ]);
    const failure = classifyAwsError(
      await lean.receive(request(queueUrl), never).catch((error: unknown) => error),
    );
    expect(failure).toMatchObject({
      kind: 'denied',
      name: 'AccessDenied',
      status: 400,
      requestId: 'request-1',
    });
    expect(header('host')).toHaveLength(1);
  });

  it.each([
    { what: 'a throttle', answer: refusal('RequestThrottled'), kind: 'throttled' },
    { what: 'a page of a gateway', answer: { status: 503, body: '<html>busy</html>' }, kind: 'unavailable' },
    { what: 'a success that is no JSON', answer: { body: '<html>hello</html>' }, kind: 'unavailable' },
    {
      what: 'a name in a header',
      answer: { status: 400, headers: { 'x-amzn-errortype': 'QueueDoesNotExist:http://here' }, body: '' },
      kind: 'missing',
    },
  ])('tells $what as $kind', async ({ answer, kind }) => {
    const { lean, queueUrl } = await scripted([answer]);
    expect(
      classifyAwsError(await lean.receive(request(queueUrl), never).catch((error: unknown) => error)).kind,
    ).toBe(kind);
  });

  it('counts a message that SQS did not take as it was sent as failed, to be sent again', async () => {
    const Successful = [
      { Id: '0', MessageId: 'm0', MD5OfMessageBody: 'f'.repeat(32) },
      { Id: '1', MessageId: 'm1', MD5OfMessageBody: '49f68a5c8493ec2c0bf489821c21fc3b' },
    ];
    const { lean, queueUrl } = await scripted([{ body: { Successful } }]);
    const hi = { body: 'hi', attributes: {} };
    expect(await lean.sendBatch(queueUrl, [hi, hi])).toEqual([
      { kind: 'failed', code: 'DamagedInTransit', isSenderFault: false },
      { kind: 'done', value: { messageId: 'm1' } },
    ]);
  });
});
