import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import {
  defineMessage,
  encodeEnvelope,
  type ClaimCheckBinding,
  type QueueBinding,
} from '../../../lib/contract/index.js';
import {
  createLambdaHandler,
  createPublisher,
  createQueueWorker,
  on,
  type ClaimCheckOptions,
  type PublisherOptions,
  type QueueWorkerOptions,
} from '../../../lib/runtime/index.js';
import { eventLog } from '../sqs/fixtures.js';
import { startEventSourceMapping } from '../support/event-source-mapping.js';
import { eventually, openLocalQueue, type LocalQueueOptions } from '../support/local-queue.js';

const Report = defineMessage('report.made', {
  schema: z.object({ report: z.string(), rows: z.array(z.string()) }),
  id: ({ report }) => report,
  group: ({ report }) => report.slice(0, 1),
});

const ROW = 'a row of a report, ä😀';
const report = (name: string, rows: number) => ({
  report: name,
  rows: Array.from({ length: rows }, () => ROW),
});

const Bucket = 'payloads';
const CLAIM_CHECK: ClaimCheckBinding = { bucket: Bucket, prefix: 'Jobs/', thresholdBytes: 10_000 };

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setup(options: LocalQueueOptions = {}) {
  const local = await openLocalQueue({ ...options, messages: [{ name: Report.name, version: 1 }] });
  closers.push(() => local.close());
  const s3 = new S3Client({ ...local.aws.clientConfig, forcePathStyle: true });
  closers.push(() => {
    s3.destroy();
    return Promise.resolve();
  });
  await s3.send(new CreateBucketCommand({ Bucket }));
  const binding: QueueBinding = { ...local.binding, claimCheck: CLAIM_CHECK };
  return {
    local,
    s3,
    binding,
    keys: async () =>
      (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key ?? '') ?? [],
    publisher: (over: Partial<PublisherOptions> = {}) => {
      const publisher = createPublisher({ ...(over.topic === undefined && { queue: binding }), ...over });
      closers.push(() => publisher.stop());
      return publisher;
    },
    work: (over: Partial<QueueWorkerOptions> = {}) => {
      const events = eventLog();
      const log = { ...events, kinds: () => events.events.map(({ kind }) => kind) };
      const handled: { report: string; rows: number }[] = [];
      const worker = createQueueWorker({
        queue: binding,
        idempotency: 'lease',
        handlers: [
          on(Report, ({ report: name, rows }) => void handled.push({ report: name, rows: rows.length })),
        ],
        signals: false,
        drainTimeoutSeconds: 2,
        retry: { baseSeconds: 0, maxSeconds: 0 },
        onEvent: log.onEvent,
        ...over,
      });
      worker.run().catch(() => undefined);
      closers.push(() => worker.stop());
      return { worker, handled, log };
    },
    /** What a producer with an extended client of AWS sends. */
    sendForeign: (
      pointer: object,
      attributes: Record<string, string>,
      tag = 'software.amazon.payloadoffloading.PayloadS3Pointer',
    ) =>
      local.sqs.send(
        new SendMessageCommand({
          QueueUrl: binding.url,
          MessageBody: JSON.stringify([tag, pointer]),
          MessageAttributes: {
            ...Object.fromEntries(
              Object.entries(
                encodeEnvelope({
                  type: Report.name,
                  id: `foreign-${randomUUID()}`,
                  schemaVersion: 1,
                  publishedAt: 1,
                }),
              ).map(([name, text]) => [name, { DataType: 'String', StringValue: String(text) }]),
            ),
            ...Object.fromEntries(
              Object.entries(attributes).map(([name, text]) => [
                name,
                { DataType: 'Number', StringValue: text },
              ]),
            ),
          },
        }),
      ),
  };
}

describe('a claim check', () => {
  it.each(['none', 'gzip'] as const)(
    'carries a payload of megabytes past the limit of the queue, stored as %s',
    async (compression) => {
      const { publisher, work, keys, local } = await setup();
      const sender = publisher({ claimCheck: { compression } });
      await Promise.all([
        sender.publish(Report, report('big', 80_000)),
        sender.publish(Report, report('small', 1)),
      ]);
      expect(sender.stats()).toMatchObject({ published: 2, offloaded: 1, pendingBytes: 0 });
      const [key = '', ...others] = await keys();
      expect(key).toMatch(/^Jobs\/[0-9a-f-]{36}$/);
      expect(others).toEqual([]);
      const { handled, worker } = work();
      await eventually('both are handled', () => Promise.resolve(handled.length === 2));
      expect(handled).toContainEqual({ report: 'big', rows: 80_000 });
      await worker.stop();
      expect(await local.depth()).toBe(0);
      expect(await keys()).toEqual([]); // after the message, not before
      expect(local.aws.calls.count('s3', 'DeleteObjects')).toBe(1);
    },
  );

  it('trap 41: deletes the payload only after the message', async () => {
    const { publisher, work, keys, local } = await setup();
    const order: string[] = [];
    local.aws.calls.subscribe(({ operation }) => void order.push(operation));
    await publisher().publish(Report, report('a', 2_000));
    const { worker, handled } = work();
    await eventually('it is handled', () => Promise.resolve(handled.length === 1));
    await worker.stop();
    expect(await keys()).toEqual([]);
    expect(order.indexOf('PutObject')).toBeLessThan(order.indexOf('SendMessageBatch'));
    expect(order.indexOf('DeleteMessageBatch')).toBeLessThan(order.indexOf('DeleteObjects'));
    expect(order).toContain('DeleteMessageBatch');
  });

  it('keeps the payload where its message could not be deleted', async () => {
    const { publisher, work, keys, local } = await setup({ visibilityTimeoutSeconds: 2 });
    await publisher().publish(Report, report('a', 2_000));
    local.aws.faults.set([
      { service: 'sqs', operation: 'DeleteMessageBatch', effect: { kind: 'error', when: 'before' } },
    ]);
    const { worker, handled } = work();
    await eventually('it is handled', () => Promise.resolve(handled.length === 1));
    await worker.stop();
    expect(await keys()).toHaveLength(1);
  });

  it('trap 41: never deletes what a topic delivered, raw or wrapped', async () => {
    const { publisher, work, keys, local, binding } = await setup();
    const topic = await local.addTopic(false);
    const sender = publisher({ topic: { ...topic, claimCheck: { ...CLAIM_CHECK, prefix: 'Events/' } } });
    await sender.publish(Report, report('fanned', 20_000));
    const { claimCheck: _own, ...bare } = binding;
    const { handled, worker } = work({
      queue: { ...bare, delivery: 'sns-envelope', claimCheckBuckets: [Bucket] },
    });
    await eventually('it is handled', () => Promise.resolve(handled.length === 1));
    await worker.stop();
    expect(handled).toEqual([{ report: 'fanned', rows: 20_000 }]);
    expect(await keys()).toHaveLength(1);
  });

  it('is left to the lifecycle with idempotency none, and by a Lambda function, which does not delete messages', async () => {
    const { publisher, work, keys, local, binding } = await setup();
    await publisher().publish(Report, report('a', 2_000));
    const { handled, worker } = work({ idempotency: 'none' });
    await eventually('it is handled', () => Promise.resolve(handled.length === 1));
    await worker.stop();
    expect(await keys()).toHaveLength(1);

    await publisher().publish(Report, report('b', 2_000));
    const byLambda: string[] = [];
    const handler = createLambdaHandler({
      queue: binding,
      idempotency: 'lease',
      handlers: [on(Report, ({ report: name }) => void byLambda.push(name))],
    });
    const mapping = startEventSourceMapping(local.sqs, binding, handler);
    await eventually('Lambda has handled it', () => Promise.resolve(byLambda.length === 1));
    await mapping.stop();
    expect(mapping.errors).toEqual([]);
    expect(await keys()).toHaveLength(2);
  });

  it.each([
    ['ExtendedPayloadSize', 'software.amazon.payloadoffloading.PayloadS3Pointer'],
    ['SQSLargePayloadSize', 'com.amazon.sqs.javamessaging.MessageS3Pointer'],
  ])('of an extended client of AWS is taken (%s, %s) and not deleted', async (attribute, tag) => {
    const { s3, sendForeign, work, keys } = await setup();
    const Body = JSON.stringify(report('java', 3));
    await s3.send(new PutObjectCommand({ Bucket, Key: '0b5d6bd8', Body }));
    await sendForeign({ s3BucketName: Bucket, s3Key: '0b5d6bd8' }, { [attribute]: String(Body.length) }, tag);
    const { handled, worker } = work();
    await eventually('it is handled', () => Promise.resolve(handled.length === 1));
    await worker.stop();
    expect(handled).toEqual([{ report: 'java', rows: 3 }]);
    expect(await keys()).toEqual(['0b5d6bd8']);
  });

  it('can be read by an extended client of AWS: the plain payload lies where the pointer says', async () => {
    const { publisher, s3, local } = await setup();
    await publisher().publish(Report, report('plain', 2_000));
    const { Messages = [] } = await local.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: local.binding.url,
        MessageAttributeNames: ['All'],
      }),
    );
    const [tag, pointer] = JSON.parse(Messages[0]?.Body ?? '') as [
      string,
      { s3BucketName: string; s3Key: string },
    ];
    expect(tag).toBe('software.amazon.payloadoffloading.PayloadS3Pointer');
    const { Body, ContentEncoding } = await s3.send(
      new GetObjectCommand({ Bucket: pointer.s3BucketName, Key: pointer.s3Key }),
    );
    const text = (await Body?.transformToString()) ?? '';
    expect(JSON.parse(text)).toEqual(report('plain', 2_000));
    expect(ContentEncoding).toBeUndefined();
    expect(Messages[0]?.MessageAttributes?.['ExtendedPayloadSize']).toMatchObject({
      DataType: 'Number',
      StringValue: String(Buffer.byteLength(text)),
    });
  });
});

describe('a claim check that is worth nothing', () => {
  it('trap 41: is one poison message among others when its payload is missing, looked for twice', async () => {
    const { publisher, work, keys, s3, local } = await setup();
    const sender = publisher();
    await sender.publish(Report, report('lost', 2_000));
    const [Key] = await keys();
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await Promise.all(['b', 'c', 'd'].map((name) => sender.publish(Report, report(name, 2_000))));
    const { handled, log } = work();
    await eventually('the others are handled', () => Promise.resolve(handled.length === 3));
    await eventually('it is told', () => Promise.resolve(log.kinds().includes('deadLettered')));
    expect(log.of('deadLettered')).toMatchObject([
      { reason: 'claim-check-missing', id: 'lost', receiveCount: 2 },
    ]);
    const [letter] = await local.deadLetters();
    expect(letter?.Body).toContain(Key);
    expect(letter?.MessageAttributes).toHaveProperty('ExtendedPayloadSize');
  });

  it.each(['lease', 'transactional', 'record-after'] as const)(
    'is no poison when a copy of it was handled before and took the payload along (%s)',
    async (idempotency) => {
      const { publisher, work, keys, local, binding } = await setup();
      await publisher().publish(Report, report('twice', 2_000));
      const { Messages: [copy] = [] } = await local.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: binding.url,
          VisibilityTimeout: 0,
          MessageAttributeNames: ['All'],
        }),
      );
      const first = work({ idempotency });
      await eventually('it is handled', () => Promise.resolve(first.handled.length === 1));
      await first.worker.stop();
      expect(await keys()).toEqual([]);
      await local.sqs.send(
        new SendMessageCommand({
          QueueUrl: binding.url,
          MessageBody: copy?.Body,
          MessageAttributes: copy?.MessageAttributes,
        }),
      );
      const second = work({ idempotency });
      await eventually('the copy is told', () => Promise.resolve(second.log.kinds().includes('duplicate')));
      await second.worker.stop();
      expect(second.handled).toEqual([]);
      expect(second.log.kinds()).not.toContain('deadLettered');
      expect(await local.depth()).toBe(0);
    },
  );

  it('goes to the dead-letter queue as the pointer it is when its handler gives it up, its payload intact', async () => {
    const { publisher, work, keys, local } = await setup();
    await publisher().publish(Report, report('bad', 2_000));
    const { log, worker } = work({
      handlers: [
        on(Report, () => {
          throw Object.assign(new Error('hopeless'), { name: 'Hopeless' });
        }),
      ],
      errors: [{ matches: () => true, decision: { then: 'dead-letter' } }],
    });
    await eventually('it is told', () => Promise.resolve(log.kinds().includes('deadLettered')));
    await worker.stop();
    const [letter] = await local.deadLetters();
    const [key] = await keys();
    expect(letter?.Body).toContain(key);
    expect(letter?.MessageAttributes).toMatchObject({ ExtendedPayloadSize: { DataType: 'Number' } });
  });

  it('comes back while S3 is down, whatever the rules for errors say', async () => {
    const { publisher, work, local } = await setup();
    await publisher().publish(Report, report('waits', 2_000));
    local.aws.faults.set([
      { service: 's3', operation: 'GetObject', times: 3, effect: { kind: 'error', when: 'before' } },
    ]);
    const { handled, log } = work({ errors: [{ matches: () => true, decision: { then: 'dead-letter' } }] });
    await eventually('it is handled', () => Promise.resolve(handled.length === 1));
    expect(log.of('failed')).toMatchObject([{ error: { code: 'CLAIM_CHECK_UNAVAILABLE' } }]);
    expect(log.kinds()).not.toContain('deadLettered');
  });

  it.each([
    ['a bucket nobody named', { s3BucketName: 'secrets', s3Key: 'a' }, '9', "points to bucket 'secrets'"],
    ['no pointer', { other: 1 }, '9', 'no pointer'],
    ['a size beyond the limit', { s3BucketName: Bucket, s3Key: 'a' }, '99999999', '99999999 bytes'],
  ])('is poison: %s', async (_what, pointer, size, words) => {
    const { sendForeign, work, local } = await setup();
    await sendForeign(pointer, { ExtendedPayloadSize: size });
    const { log } = work();
    await eventually('it is told', () => Promise.resolve(log.kinds().includes('deadLettered')));
    expect(log.of('deadLettered')).toMatchObject([
      { reason: 'claim-check-refused', detail: expect.stringContaining(words) as string },
    ]);
    expect(local.aws.calls.count('s3', 'GetObject')).toBe(0);
  });

  it('is poison when the payload is not the one that was published', async () => {
    const { publisher, work, keys, s3 } = await setup();
    await publisher().publish(Report, report('mine', 2_000));
    const [Key] = await keys();
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(report('mine', 1_999)) }));
    const { log, handled } = work();
    await eventually('it is told', () => Promise.resolve(log.kinds().includes('deadLettered')));
    expect(log.of('deadLettered')).toMatchObject([{ reason: 'claim-check-refused' }]);
    expect(handled).toEqual([]);
  });
});

describe('a publisher with a claim check', () => {
  it('keeps the order of a FIFO group through uploads, and does not hold other groups up', async () => {
    const { publisher, work, local } = await setup({ fifo: true });
    local.aws.faults.set([
      { service: 's3', operation: 'PutObject', times: 1, effect: { kind: 'slow', delayMs: 300 } },
    ]);
    const sender = publisher();
    const order: string[] = [];
    const sent = (name: string, rows: number) =>
      sender.publish(Report, report(name, rows)).then(() => void order.push(name));
    await Promise.all([sent('a1', 2_000), sent('a2', 1), sent('b1', 1), sent('a3', 2_000)]);
    expect(order[0]).toBe('b1');
    const { handled } = work();
    await eventually('all are handled', () => Promise.resolve(handled.length === 4));
    const groupA = handled.map(({ report: name }) => name).filter((name) => name.startsWith('a'));
    expect(groupA).toEqual(['a1', 'a2', 'a3']);
  });

  it('holds back publishes beyond its pending bytes, payloads counted', async () => {
    const { publisher, local } = await setup();
    let uploads = 0;
    let most = 0;
    local.aws.calls.subscribe(({ operation }) => {
      if (operation === 'PutObject') uploads -= 1;
    });
    const s3 = new S3Client({ ...local.aws.clientConfig, forcePathStyle: true });
    s3.middlewareStack.add(
      (next) => (args) => {
        uploads += 1;
        most = Math.max(most, uploads);
        return next(args);
      },
      { step: 'initialize' },
    );
    const sender = publisher({ maxPendingBytes: 200_000, clients: { s3 } });
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => sender.publish(Report, report(`r${index}`, 3_000))),
    );
    expect(sender.stats()).toMatchObject({ published: 12, offloaded: 12, pendingBytes: 0 });
    expect(most).toBeLessThanOrEqual(2); // 75 KB each
    s3.destroy();
  });

  it('rejects and sends nothing when the payload can not be stored', async () => {
    const { publisher, local } = await setup();
    const sender = publisher({ claimCheck: { bucket: 'nobodys-bucket' } });
    await expect(sender.publish(Report, report('a', 2_000))).rejects.toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
    });
    expect(sender.stats()).toMatchObject({ published: 0, failed: 1, pendingBytes: 0 });
    expect(local.aws.calls.count('sqs', 'SendMessageBatch')).toBe(0);
    local.aws.faults.set([{ service: 's3', effect: { kind: 'throttle' } }]);
    await expect(publisher().publish(Report, report('b', 2_000))).rejects.toMatchObject({
      code: 'PUBLISH_FAILED',
    });
  });

  it('rejects payloads beyond its own limit, attributes that claim checks need, and everything large when switched off', async () => {
    const { publisher } = await setup();
    const small = publisher({ claimCheck: { maxPayloadBytes: 20_000 } });
    await expect(small.publish(Report, report('a', 2_000))).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
    });
    const off = publisher({ claimCheck: false });
    await expect(off.publish(Report, report('a', 20_000))).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
    });
    const Odd = defineMessage(Report.name, {
      schema: z.object({ id: z.string() }),
      id: ({ id }) => id,
      attributes: () => ({ ExtendedPayloadSize: 1 }),
    });
    await expect(publisher().publish(Odd, { id: 'x' })).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
  });

  it('rejects options that make no sense, all at once', async () => {
    const { local } = await setup();
    const options = { thresholdBytes: -1, prefix: 'no-slash', compression: 'brotli', bukcet: 'x' };
    const create = () => createPublisher({ queue: local.binding, claimCheck: options as ClaimCheckOptions });
    expect(create).toThrow(/did you mean 'claimCheck.bucket'/);
    expect(create).toThrow(/thresholdBytes/);
    expect(create).toThrow(/prefix must end with a slash/);
    expect(create).toThrow(/compression must be one of none, gzip, zstd/);
    expect(() => createPublisher({ queue: local.binding, claimCheck: {} })).toThrow(/names no bucket/);
    const wide = { bucket: Bucket, thresholdBytes: 999_999 };
    expect(() => createPublisher({ queue: local.binding, claimCheck: wide })).toThrow(
      /262144 bytes are the largest/,
    );
    expect(() =>
      createQueueWorker({
        queue: local.binding,
        idempotency: 'none',
        handlers: [on(Report, () => undefined)],
        claimCheck: { buckets: [''], maxRatio: 0 },
      }),
    ).toThrow(/claimCheck.buckets\[0\] must be text[\s\S]*claimCheck.maxRatio/);
  });
});
