import {
  createWebhookReceiver,
  on,
  whenError,
  type MessageContext,
  type WebhookEvent,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from '../../../lib/runtime/index.js';
import { createFakeClock, turns, type FakeClock } from '../support/fake-clock.js';
import { JobQueued } from '../sqs/fixtures.js';
import {
  certificate,
  CERTIFICATE_URL,
  confirmation,
  notification,
  NOW,
  OTHER_KEYS,
  post,
  rsaKeys,
  signed,
  TOPIC,
  type Members,
} from './support/signed-posts.js';

interface Bundle {
  readonly receiver: WebhookReceiver;
  readonly clock: FakeClock;
  readonly handled: string[];
  readonly contexts: MessageContext[];
  readonly fetched: string[];
  readonly confirmed: string[];
  readonly events: WebhookEvent[];
  /** Posts, and gives the status. */
  readonly send: (members: Members | string, headers?: Record<string, string>) => Promise<number>;
  /** The reason of the last refusal. */
  readonly refusal: () => string | undefined;
}

function setup(
  options: Partial<WebhookReceiverOptions> = {},
  handle: (job: string, context: MessageContext) => Promise<void> | void = () => undefined,
): Bundle {
  const clock = createFakeClock(NOW);
  const handled: string[] = [];
  const contexts: MessageContext[] = [];
  const fetched: string[] = [];
  const confirmed: string[] = [];
  const events: WebhookEvent[] = [];
  const pem = certificate();
  const receiver = createWebhookReceiver({
    topicArns: [TOPIC],
    handlers: [
      on(JobQueued, async ({ job }, context) => {
        handled.push(job);
        contexts.push(context);
        await handle(job, context);
      }),
    ],
    fetchCertificate: (url) => {
      fetched.push(url);
      return Promise.resolve(pem);
    },
    confirm: ({ topicArn, token }) => {
      confirmed.push(`${topicArn} ${token}`);
      return Promise.resolve();
    },
    clock,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  return {
    receiver,
    clock,
    handled,
    contexts,
    fetched,
    confirmed,
    events,
    send: async (members, headers) => (await receiver.handle(post(members, headers))).status,
    refusal: () => {
      const last = events.at(-1);
      return last?.kind === 'refused' ? last.reason : undefined;
    },
  };
}

/** A receiver that finds this certificate. */
const withCertificate = (pem: string, over: Partial<WebhookReceiverOptions> = {}): Bundle =>
  setup({ fetchCertificate: () => Promise.resolve(pem), ...over });

describe('a webhook receiver, given what SNS sends', () => {
  it.each(['1', '2'] as const)('handles a notification with signature version %s', async (version) => {
    const { send, handled, events } = setup();
    await expect(send(signed(notification(), { version }))).resolves.toBe(200);
    expect(handled).toEqual(['a1']);
    expect(events).toEqual([expect.objectContaining({ kind: 'handled', type: 'job.queued', id: 'a1' })]);
  });

  it('handles a notification with a subject, which is signed too', async () => {
    const { send } = setup();
    const message = signed(notification({ Subject: 'Grüße, with: colons' }));
    await expect(send(message)).resolves.toBe(200);
    await expect(send({ ...message, Subject: 'another', MessageId: 'x' })).resolves.toBe(403);
  });

  it('gives the handler the envelope and how often the message came', async () => {
    let failures = 2;
    const { send, contexts } = setup({}, () => {
      if ((failures -= 1) >= 0) throw new Error('not yet');
    });
    const message = signed(notification());
    expect([await send(message), await send(message), await send(message)]).toEqual([500, 500, 200]);
    expect(contexts.map(({ receiveCount }) => receiveCount)).toEqual([1, 2, 3]);
    expect(contexts[0]).toMatchObject({ id: 'a1', envelope: { type: 'job.queued', schemaVersion: 1 } });
  });

  it('rejects context.write, which has no transaction here', async () => {
    const { send, events } = setup({}, (_job, context) =>
      context.write({ Put: { TableName: 't', Item: {} } }),
    );
    await expect(send(signed(notification()))).resolves.toBe(500);
    expect(events[0]).toMatchObject({ kind: 'failed', error: { code: 'INVALID_OPTIONS' } });
  });

  it('confirms a subscription with topic and token, and fetches nothing but the certificate', async () => {
    const { send, confirmed, fetched, events } = setup();
    const message = confirmation('SubscriptionConfirmation');
    await expect(send(signed(message))).resolves.toBe(200);
    expect(confirmed).toEqual([`${TOPIC} ${String(message['Token'])}`]);
    expect(fetched).toEqual([CERTIFICATE_URL]);
    expect(events).toEqual([{ kind: 'confirmed', topicArn: TOPIC }]);
  });

  it('asks SNS to come again when the confirmation fails', async () => {
    const { send, events } = setup({ confirm: () => Promise.reject(new Error('no network')) });
    await expect(send(signed(confirmation('SubscriptionConfirmation')))).resolves.toBe(500);
    expect(events.map(({ kind }) => kind)).toEqual(['confirmationFailed']);
  });

  it('trap 44: accepts a correctly signed UnsubscribeConfirmation and does not subscribe again', async () => {
    const { send, confirmed, events } = setup();
    await expect(send(signed(confirmation('UnsubscribeConfirmation'), { version: '1' }))).resolves.toBe(200);
    expect(events).toEqual([{ kind: 'unsubscribed', topicArn: TOPIC }]);
    expect(confirmed).toEqual([]);
  });

  it('downloads one certificate for five messages at once', async () => {
    const { send, fetched, handled } = setup();
    const messages = ['a', 'b', 'c', 'd', 'e'].map((job) => signed(notification({ MessageId: job }, job)));
    await Promise.all(messages.map((message) => send(message)));
    expect([fetched.length, handled.length]).toEqual([1, 5]);
  });
});

describe('copies of a notification', () => {
  it('are answered 200 and not handled again', async () => {
    const { send, handled, events } = setup();
    const message = signed(notification());
    expect([await send(message), await send(message)]).toEqual([200, 200]);
    expect(handled).toEqual(['a1']);
    expect(events.map(({ kind }) => kind)).toEqual(['handled', 'duplicate']);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('a bug of the listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a bug of the listener'))],
  ])('are not handled again because a listener %s', async (_case, onEvent) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { send, handled } = setup({ onEvent });
    const message = signed(notification());
    expect([await send(message), await send(message)]).toEqual([200, 200]);
    expect(handled).toEqual(['a1']);
    expect(warn).toHaveBeenCalledTimes(2);
    warn.mockRestore();
  });

  it('wait for the handler that is running', async () => {
    let finish: () => void = () => undefined;
    const { send, handled, clock } = setup({}, () => new Promise<void>((resolve) => (finish = resolve)));
    const message = signed(notification());
    const both = Promise.all([send(message), send(message)]);
    await clock.advance(1_000);
    finish();
    await expect(both).resolves.toEqual([200, 200]);
    expect(handled).toEqual(['a1']);
  });

  it('find a handler done that ended well after its time', async () => {
    let finish: () => void = () => undefined;
    const { send, handled, contexts, clock } = setup(
      { handlerTimeoutSeconds: 2 },
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    const message = signed(notification());
    const late = send(message);
    await clock.advance(2_000);
    await expect(late).resolves.toBe(503);
    expect(contexts[0]?.signal.reason).toMatchObject({ code: 'HANDLER_TIMEOUT' });
    finish();
    await turns();
    await expect(send(message)).resolves.toBe(200);
    expect(handled).toEqual(['a1']);
  });

  it('are handled again after the oldest of more than `remember` was forgotten', async () => {
    const { send, handled } = setup({ remember: 2 });
    const messages = ['a', 'b', 'c'].map((job) => signed(notification({ MessageId: job }, job)));
    for (const message of [...messages, messages[0]!, messages[2]!]) await send(message);
    expect(handled).toEqual(['a', 'b', 'c', 'a']);
  });
});

describe('a webhook receiver, given what fails', () => {
  it('answers 500 without a word of the error when the handler throws', async () => {
    const { receiver } = setup({}, () => {
      throw new Error('password is hunter2');
    });
    const response = await receiver.handle(post(signed(notification())));
    expect([response.status, await response.text()]).toEqual([500, 'not handled, send it again\n']);
  });

  it.each([
    ['schema', { Message: '{"job":7}' }],
    ['invalid-json', { Message: '{' }],
    ['missing-envelope', { MessageAttributes: {} }],
  ])('answers 422 to poison, which SNS dead-letters at once: %s', async (reason, over) => {
    const { send, handled, events } = setup();
    await expect(send(signed(notification(over)))).resolves.toBe(422);
    expect(events).toEqual([expect.objectContaining({ kind: 'poison', reason })]);
    expect(handled).toEqual([]);
  });

  it('rejects a business id that was changed beside the signed payload', async () => {
    const { send, handled, events } = setup();
    const message = signed(notification());
    const { MessageAttributes } = notification({}, 'a2');
    await expect(send({ ...message, MessageAttributes })).resolves.toBe(422);
    expect(events).toEqual([expect.objectContaining({ kind: 'poison', reason: 'altered-attributes' })]);
    expect(handled).toEqual([]);
  });

  it('follows the error policy: dead-letter is 422, drop is 200', async () => {
    const errors = [whenError('Gone', { then: 'dead-letter' }), whenError('Stale', { then: 'drop' })];
    const { send, events } = setup({ errors }, (job) => {
      throw Object.assign(new Error('no'), { name: job });
    });
    const statuses = [];
    for (const job of ['Gone', 'Stale', 'Else'])
      statuses.push(await send(signed(notification({ MessageId: job }, job))));
    expect(statuses).toEqual([422, 200, 500]);
    expect(events.map(({ kind }) => kind)).toEqual(['poison', 'dropped', 'failed']);
  });

  it('answers 503 when the certificate can not be had, and tries again after five seconds', async () => {
    let calls = 0;
    const { send, clock, events } = setup({
      fetchCertificate: () => {
        calls += 1;
        return calls === 1 ? Promise.reject(new Error('ECONNRESET')) : Promise.resolve(certificate());
      },
    });
    const message = signed(notification());
    expect([await send(message), await send(message)]).toEqual([503, 503]);
    expect(events.map(({ kind }) => kind)).toEqual(['certificateUnavailable', 'certificateUnavailable']);
    await clock.advance(5_000);
    await expect(send(message)).resolves.toBe(200);
    expect(calls).toBe(2);
  });

  it('waits three seconds for a certificate, also from a fetch that ignores its signal', async () => {
    const { send, clock } = setup({ fetchCertificate: () => new Promise(() => undefined) });
    const answer = send(signed(notification()));
    await clock.advance(3_000);
    await expect(answer).resolves.toBe(503);
  });

  it('has eight downloads under way at most, however many names are invented', async () => {
    const fetched: string[] = [];
    const { send, clock } = setup({
      fetchCertificate: (url) => {
        fetched.push(url);
        return new Promise(() => undefined);
      },
    });
    const answers = Array.from({ length: 20 }, (_, index) =>
      send(
        signed(notification(), {
          url: `https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-${String(index).padStart(32, '0')}.pem`,
        }),
      ),
    );
    await clock.advance(3_000);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([503]));
    expect(fetched).toHaveLength(8);
  });
});

describe('the certificates a webhook receiver keeps', () => {
  it('outlast a flood of invented names', async () => {
    const fetched: string[] = [];
    const { send } = setup({
      fetchCertificate: (url) => {
        fetched.push(url);
        return url === CERTIFICATE_URL ? Promise.resolve(certificate()) : Promise.reject(new Error('404'));
      },
    });
    await send(signed(notification()));
    for (let index = 0; index < 200; index += 1) {
      const name = `SimpleNotificationService-${String(index).padStart(32, '0')}.pem`;
      await send({
        ...signed(notification()),
        SigningCertURL: `https://sns.eu-west-1.amazonaws.com/${name}`,
      });
    }
    await expect(send(signed(notification({ MessageId: 'later' }, 'a2')))).resolves.toBe(200);
    expect(fetched.filter((url) => url === CERTIFICATE_URL)).toHaveLength(1);
  });

  it('are one per region, and none vouches for another region', async () => {
    const topics = ['eu-west-1', 'af-south-1'].map((region) => TOPIC.replace('eu-west-1', region));
    const { send, fetched, refusal } = setup({
      topicArns: topics,
      fetchCertificate: (url) => {
        fetched.push(url);
        return Promise.resolve(certificate({ commonName: 'sns-signing.af-south-1.amazonaws.com' }));
      },
    });
    const sent = (region: string): Promise<number> =>
      send(
        signed(notification({ TopicArn: TOPIC.replace('eu-west-1', region) }), {
          url: CERTIFICATE_URL.replace('eu-west-1', region),
        }),
      );
    expect([await sent('af-south-1'), await sent('eu-west-1')]).toEqual([200, 403]);
    expect([refusal(), fetched.length]).toEqual(['certificate', 2]);
  });
});

describe('a webhook receiver, given what is forged', () => {
  const forgedUrls: readonly (readonly [string, string])[] = [
    [
      'an S3 bucket named like SNS',
      'https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    ],
    [
      'an API of API Gateway',
      'https://sns.execute-api.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    ],
    [
      'an API of a region',
      'https://sns.execute-api.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    ],
    [
      'a query that ends in .pem',
      'https://sns.eu-west-1.amazonaws.com/?Action=Subscribe&x=/SimpleNotificationService-0123456789abcdef.pem',
    ],
    ['a query behind the path', `${CERTIFICATE_URL}?x=.pem`],
    ['a fragment', `${CERTIFICATE_URL}#.pem`],
    ['another region', CERTIFICATE_URL.replace('eu-west-1', 'us-east-1')],
    ['the domain of China', CERTIFICATE_URL.replace('.com/', '.com.cn/')],
    ['a longer host', CERTIFICATE_URL.replace('.com/', '.com.evil.example/')],
    [
      'a user before the host',
      'https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem',
    ],
    ['a port', CERTIFICATE_URL.replace('.com/', '.com:8443/')],
    ['plain http', CERTIFICATE_URL.replace('https', 'http')],
    [
      'a path that climbs',
      'https://sns.eu-west-1.amazonaws.com/x/../SimpleNotificationService-0123456789abcdef.pem',
    ],
    [
      'a backslash',
      'https://sns.eu-west-1.amazonaws.com\\@evil.example/SimpleNotificationService-0123456789abcdef.pem',
    ],
    ['a name that is not hexadecimal', CERTIFICATE_URL.replace('9c6465fa', 'local')],
    ['loopback', 'http://127.0.0.1:4566/SimpleNotificationService-local.pem'],
  ];

  it.each(forgedUrls)('rejects a certificate at %s without fetching it', async (_what, url) => {
    const { send, fetched, refusal } = setup();
    await expect(send(signed(notification(), { url }))).resolves.toBe(403);
    expect([refusal(), fetched]).toEqual(['certificate', []]);
  });

  it.each([
    ['another subject', { commonName: 'evil.example' }],
    ['a subject that only ends like SNS', { commonName: 'not-sns.amazonaws.com' }],
    ['the subject of another region', { commonName: 'sns.us-east-1.amazonaws.com' }],
    ['dates that are over', { notBefore: NOW - 10_000, notAfter: NOW - 1 }],
    ['dates that have not begun', { notBefore: NOW + 1_000, notAfter: NOW + 10_000 }],
    ['a short key', { keys: rsaKeys(1_024) }],
  ])('rejects a certificate with %s', async (_what, over) => {
    const { send, handled, refusal } = withCertificate(certificate(over));
    const signing = 'keys' in over ? { keys: over.keys } : {};
    await expect(send(signed(notification(), signing))).resolves.toBe(403);
    expect([refusal(), handled]).toEqual(['certificate', []]);
  });

  it('rejects what is no certificate', async () => {
    const { send, refusal } = withCertificate('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----');
    await expect(send(signed(notification()))).resolves.toBe(403);
    expect(refusal()).toBe('certificate');
  });

  it('rejects a certificate that ended while it was kept', async () => {
    const { send, clock, refusal } = withCertificate(certificate({ notAfter: NOW + 1_000 }));
    await expect(send(signed(notification()))).resolves.toBe(200);
    await clock.advance(2_000);
    await expect(send(signed(notification({ MessageId: 'later' }, 'a2')))).resolves.toBe(403);
    expect(refusal()).toBe('certificate');
  });

  it('accepts only certificates of the given issuers where there are some', async () => {
    const certificateIssuers = [certificate({ keys: OTHER_KEYS })];
    const own = withCertificate(certificate(), { certificateIssuers });
    await expect(own.send(signed(notification()))).resolves.toBe(403);
    const issued = withCertificate(certificate({ issuer: OTHER_KEYS }), { certificateIssuers });
    await expect(issued.send(signed(notification()))).resolves.toBe(200);
  });

  it.each([
    ['Message', '{"job":"a2"}'],
    ['MessageId', 'another'],
    ['Timestamp', new Date(NOW + 1).toISOString()],
    ['Subject', 'added'],
    ['Signature', 'AAAA'],
    ['SignatureVersion', '1'],
  ])('rejects a changed %s', async (member, value) => {
    const { send, handled, refusal } = setup();
    await expect(send({ ...signed(notification()), [member]: value })).resolves.toBe(403);
    expect([refusal(), handled]).toEqual(['signature', []]);
  });

  it.each(['SubscribeURL', 'Token'])('rejects a confirmation with a changed %s', async (member) => {
    const { send, confirmed, refusal } = setup();
    const message = signed(confirmation('SubscriptionConfirmation'));
    await expect(send({ ...message, [member]: 'https://evil.example/' })).resolves.toBe(403);
    expect([refusal(), confirmed]).toEqual(['signature', []]);
  });

  it('rejects a notification that is passed off as a confirmation', async () => {
    const { send, confirmed } = setup();
    const message = {
      ...signed(notification()),
      Type: 'SubscriptionConfirmation',
      Token: 't',
      SubscribeURL: 'u',
    };
    await expect(send(message)).resolves.toBe(403);
    expect(confirmed).toEqual([]);
  });

  it("rejects somebody else's signature", async () => {
    const { send, refusal } = setup();
    await expect(send(signed(notification(), { keys: OTHER_KEYS }))).resolves.toBe(403);
    expect(refusal()).toBe('signature');
  });

  it('rejects a payload cut out of a longer signed one', async () => {
    const { send, refusal } = setup();
    const inner = `${JSON.stringify({ job: 'evil' })}\nMessageId\nfake\nSubject\nx`;
    const whole = signed(notification({ Message: inner, MessageId: 'real' }));
    // The same signed text, its lines dealt out to other members.
    const cut = { ...whole, Message: '{"job":"evil"}', MessageId: 'fake', Subject: 'x\nMessageId\nreal' };
    await expect(send(cut)).resolves.toBe(400);
    expect(refusal()).toBe('malformed');
  });

  it.each([
    ['a topic that is not listed', { TopicArn: TOPIC.replace('Events', 'Other') }, 'foreign-topic'],
    ['the same name in another account', { TopicArn: TOPIC.replace('1234', '9999') }, 'foreign-topic'],
    ['a message of 2001', { Timestamp: '2001-01-01T00:00:00.000Z' }, 'stale'],
    ['a message one second too old', { Timestamp: new Date(NOW - 3_601_000).toISOString() }, 'stale'],
    ['a message of the future', { Timestamp: new Date(NOW + 301_000).toISOString() }, 'stale'],
  ])('rejects %s, however well signed', async (_what, over, reason) => {
    const { send, fetched, refusal } = setup();
    await expect(send(signed(notification(over)))).resolves.toBe(403);
    expect([refusal(), fetched]).toEqual([reason, []]);
  });

  it("rejects signature version 1 where only '2' is allowed", async () => {
    const { send, refusal } = setup({ signatureVersions: ['2'] });
    await expect(send(signed(notification(), { version: '1' }))).resolves.toBe(403);
    expect(refusal()).toBe('signature-version');
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another type', JSON.stringify({ ...signed(notification()), Type: 'Other' })],
    [
      'the name of an inherited member as type',
      JSON.stringify({ ...signed(notification()), Type: 'toString' }),
    ],
    ['no signature', JSON.stringify(notification())],
    ['a member that is no text', JSON.stringify({ ...signed(notification()), MessageId: 7 })],
  ])('rejects %s as malformed', async (_what, text) => {
    const { send, refusal } = setup();
    await expect(send(text)).resolves.toBe(400);
    expect(refusal()).toBe('malformed');
  });

  it('rejects bodies above the limit, told or not', async () => {
    const { receiver, send, refusal } = setup({ maxBytes: 1_024 });
    await expect(send('x'.repeat(1_025), { 'content-length': '1' })).resolves.toBe(413);
    await expect(send('x', { 'content-length': '1025' })).resolves.toBe(413);
    expect(refusal()).toBe('too-large');
    expect((await receiver.handle(post('x'.repeat(1_024)))).status).toBe(400);
  });

  it('rejects text that is no UTF-8', async () => {
    const { receiver, refusal } = setup();
    const request = new Request('https://hooks.example.com', {
      method: 'POST',
      body: Buffer.from([0xff, 0xfe]),
    });
    expect((await receiver.handle(request)).status).toBe(400);
    expect(refusal()).toBe('malformed');
  });

  it('waits ten seconds for a body, and asks to come again', async () => {
    const { receiver, clock, refusal } = setup();
    const body = new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from('{')) });
    const request = new Request('https://hooks.example.com', { method: 'POST', body, duplex: 'half' });
    const answering = receiver.handle(request);
    await clock.advance(10_001);
    expect((await answering).status).toBe(500);
    expect(refusal()).toBe('unreadable');
    expect(clock.pending).toBe(0);
  });

  it('asks SNS to come again when something has read the body before', async () => {
    const { receiver, refusal } = setup();
    const request = post(signed(notification()));
    await request.text();
    expect((await receiver.handle(request)).status).toBe(500);
    expect(refusal()).toBe('unreadable');
  });

  it('rejects every method but POST, naming it', async () => {
    const { receiver } = setup();
    const response = await receiver.handle(new Request('https://hooks.example.com'));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('raw delivery', () => {
  const raw = {
    'x-amz-sns-rawdelivery': 'true',
    'x-amz-sns-topic-arn': TOPIC,
    'x-amz-sns-message-id': 'm1',
  };

  it('is refused, since nothing is signed', async () => {
    const { send, refusal } = setup();
    await expect(send('{"job":"a1"}', raw)).resolves.toBe(403);
    expect(refusal()).toBe('unsigned');
  });

  it('is handled with allowRaw, with the id the payload has', async () => {
    const { send, contexts } = setup({ allowRaw: true });
    expect([await send('{"job":"a1"}', raw), await send('{"job":"a1"}', raw)]).toEqual([200, 200]);
    expect(contexts.map(({ id, messageId }) => [id, messageId])).toEqual([['a1', 'm1']]);
  });

  it('is checked against topics and schema all the same', async () => {
    const { send } = setup({ allowRaw: true });
    await expect(send('{"job":"a1"}', { ...raw, 'x-amz-sns-topic-arn': 'x' })).resolves.toBe(403);
    await expect(send('{"job":1}', raw)).resolves.toBe(422);
    await expect(send('{"job":"a1"}', { ...raw, 'x-amz-sns-message-id': '' })).resolves.toBe(400);
  });

  it('does not open a way around the signature for the rest', async () => {
    const { send } = setup({ allowRaw: true });
    await expect(send(signed(notification(), { keys: OTHER_KEYS }))).resolves.toBe(403);
  });
});

describe('the life of a webhook receiver', () => {
  it('answers what is under way before stop resolves, and 503 from then on', async () => {
    let finish: () => void = () => undefined;
    const { receiver, send, clock } = setup({}, () => new Promise<void>((resolve) => (finish = resolve)));
    const underWay = send(signed(notification()));
    await clock.advance(1);
    let isStopped = false;
    const stopping = receiver.stop().then(() => (isStopped = true));
    await expect(send(signed(notification()))).resolves.toBe(503);
    expect(isStopped).toBe(false);
    finish();
    await expect(underWay).resolves.toBe(200);
    await stopping;
    await receiver.stop();
  });

  it('says aloud that it trusts something else than SNS', () => {
    const certificateOrigins = ['http://127.0.0.1:4566'];
    const { events } = setup({ insecureTrustForTests: { certificateOrigins } });
    expect(events).toEqual([{ kind: 'insecure', certificateOrigins }]);
  });

  it('leaves no timer behind', async () => {
    const { send, clock } = setup();
    await send(signed(notification()));
    expect(clock.pending).toBe(0);
  });
});

describe('options of a webhook receiver', () => {
  it('are all checked at once', () => {
    const options = {
      topicArns: ['arn:aws:sns:eu-west-1:123456789012:Events.fifo'],
      handlers: [on(JobQueued, () => undefined), on(JobQueued, () => undefined)],
      allowRaw: true,
      maxAgeSecond: 1,
      maxBytes: 1,
      handlerTimeoutSeconds: 15,
      signatureVersions: [],
      certificateIssuers: ['nothing'],
      insecureTrustForTests: { certificateOrigins: ['https://sns.example.com'] },
    };
    const refused = jest.fn(() => createWebhookReceiver(options as unknown as WebhookReceiverOptions));
    expect(refused).toThrow();
    expect(refused.mock.results[0]?.value).toEqual(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        violations: [
          expect.stringContaining("did you mean 'maxAgeSeconds'?"),
          expect.stringContaining('no ARN of a standard topic'),
          expect.stringContaining('more than one handler'),
          expect.stringContaining('allowRaw needs exactly one handler'),
          expect.stringContaining('maxBytes'),
          expect.stringContaining('handlerTimeoutSeconds'),
          expect.stringContaining('signatureVersions'),
          expect.stringContaining('certificateIssuers[0]'),
          expect.stringContaining('on this machine'),
        ],
      }),
    );
  });
});
