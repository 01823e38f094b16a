import { classifyAwsError } from '../../../../lib/runtime/aws/errors.js';
import type { OutgoingMessage, ReceivedMessage, SqsApi } from '../../../../lib/runtime/aws/sqs-api.js';
import { isIntact } from '../../../../lib/runtime/aws/checksums.js';
import { createLeanSqsApi } from '../../../../lib/runtime/aws/wire/lean-sqs-api.js';
import { createSystemClock } from '../../../../lib/runtime/system/clock.js';
import { LazyAbort } from '../../../../lib/runtime/system/lazy-abort.js';
import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, same, sameSet } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import { createFifoQueue, createQueue, receiveOne, send, type TestQueue } from '../../fixtures/queues.js';

const never = new LazyAbort();

/** The lean adapter with the settings of the case's client, on its endpoint. */
async function openLean(context: CaseContext): Promise<SqsApi> {
  const region = await context.sqs.config.region();
  const lean = await createLeanSqsApi({
    target: { region },
    client: context.sqs,
    clock: createSystemClock(),
  });
  context.cleanUp(() => {
    lean.close();
    return Promise.resolve();
  });
  return lean;
}

const take = (
  lean: SqsApi,
  { url: queueUrl }: TestQueue,
  more: { readonly waitSeconds?: number; readonly attemptId?: string } = {},
): Promise<readonly ReceivedMessage[]> =>
  lean.receive({ queueUrl, maxMessages: 10, waitSeconds: 2, visibilityTimeoutSeconds: 30, ...more }, never);

const kindsOf = (outcomes: readonly { readonly kind: string }[]): readonly string[] =>
  outcomes.map(({ kind }) => kind);

const MESSAGE: OutgoingMessage = {
  body: '{"text":"grüße, 世界 🎉"}',
  attributes: {
    type: { type: 'String', text: 'größer' },
    count: { type: 'Number', text: '12' },
    blob: { type: 'Binary', bytes: Uint8Array.from([0, 255, 128, 7]) },
  },
};

/** The calls of a worker over the lean transport: what an engine answers to a request that no SDK has made. */
export const leanCases = caseGroup('sqs.lean', {
  'ReceiveMessage over the lean transport brings what the SDK has sent, intact': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, MESSAGE.body, {
        MessageAttributes: { type: { DataType: 'String', StringValue: 'größer' } },
      });
      const [got, ...others] = await take(await openLean(context), queue);
      same(others.length, 0, 'further messages');
      check(got !== undefined, 'nothing was received');
      same(got.body, MESSAGE.body, 'body');
      same(got.attributes['type'], MESSAGE.attributes['type'], 'attribute');
      same(got.receiveCount, 1, 'receive count');
      check(got.md5OfBody !== undefined, 'no MD5 of the body was stated');
      check(
        isIntact(got, { ofBody: got.md5OfBody, ofAttributes: got.md5OfAttributes }),
        'the checksums that were stated are of something else',
      );
    },
  },
  'SendMessageBatch over the lean transport is taken, checksums and attributes included': {
    page: sqsApi('SendMessageBatch'),
    run: async (context) => {
      const queue = await createQueue(context);
      const lean = await openLean(context);
      const many = Array.from({ length: 10 }, (_, at) => ({ ...MESSAGE, body: `${MESSAGE.body}${at}` }));
      const outcomes = await lean.sendBatch(queue.url, many);
      same(
        kindsOf(outcomes),
        many.map(() => 'done'),
        'outcomes',
      );
      const got = await receiveOne(context, queue);
      check(
        many.some(({ body }) => body === got.Body),
        'the SDK received another body',
      );
      same(got.MessageAttributes?.['count']?.StringValue, '12', 'number');
      same([...(got.MessageAttributes?.['blob']?.BinaryValue ?? [])], [0, 255, 128, 7], 'bytes');
    },
  },
  'DeleteMessageBatch over the lean transport deletes ten in one call': {
    page: sqsApi('DeleteMessageBatch'),
    run: async (context) => {
      const queue = await createQueue(context);
      const lean = await openLean(context);
      await lean.sendBatch(
        queue.url,
        Array.from({ length: 10 }, (_, at) => ({ body: `body ${at}`, attributes: {} })),
      );
      const got: ReceivedMessage[] = [];
      for (let turn = 0; turn < 10 && got.length < 10; turn += 1) got.push(...(await take(lean, queue)));
      sameSet(
        got.map(({ body }) => body),
        Array.from({ length: 10 }, (_, at) => `body ${at}`),
        'bodies',
      );
      const outcomes = await lean.deleteBatch(
        queue.url,
        got.map(({ receiptHandle }) => receiptHandle),
      );
      same(
        kindsOf(outcomes),
        got.map(() => 'done'),
        'outcomes',
      );
      same((await take(lean, queue, { waitSeconds: 0 })).length, 0, 'messages left');
    },
  },
  'ChangeMessageVisibilityBatch over the lean transport gives a message back at once': {
    page: sqsApi('ChangeMessageVisibilityBatch'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'again');
      const lean = await openLean(context);
      const [first] = await take(lean, queue);
      check(first !== undefined, 'nothing was received');
      const changes = [{ receiptHandle: first.receiptHandle, visibilityTimeoutSeconds: 0 }];
      same(kindsOf(await lean.changeVisibilityBatch(queue.url, changes)), ['done'], 'outcomes');
      const [second] = await take(lean, queue);
      same(second?.body, 'again', 'body');
      same(second?.receiveCount, 2, 'receive count');
    },
  },
  'one bad receipt handle over the lean transport fails alone': {
    page: sqsApi('DeleteMessageBatch'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'one');
      const lean = await openLean(context);
      const [got] = await take(lean, queue);
      const handles = ['not-a-receipt-handle', got?.receiptHandle ?? ''];
      const [bad, good] = await lean.deleteBatch(queue.url, handles);
      same(good?.kind, 'done', 'the good one');
      check(bad?.kind === 'failed' && bad.isSenderFault, "the bad one did not fail by the sender's fault");
    },
  },
  'a queue that is not there is told over the lean transport as the SDK tells it': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const { url } = await createQueue(context);
      const lean = await openLean(context);
      const missing = { name: 'none', url: `${url}-none`, arn: '' };
      const error: unknown = await take(lean, missing, { waitSeconds: 0 }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const failure = classifyAwsError(error);
      same(failure.isRetryable, false, 'whether it is retried');
      check(/QueueDoesNotExist|NonExistentQueue/.test(failure.name), `it was told as ${failure.name}`);
    },
  },
  'a FIFO group keeps its order over the lean transport': {
    page: sqsGuide('FIFO-queues-understanding-logic'),
    run: async (context) => {
      const queue = await createFifoQueue(context);
      const lean = await openLean(context);
      const bodies = ['first', 'second', 'third'];
      const outcomes = await lean.sendBatch(
        queue.url,
        bodies.map((body) => ({ body, attributes: {}, group: 'g', deduplicationId: body })),
      );
      same(kindsOf(outcomes), ['done', 'done', 'done'], 'outcomes');
      const got = await take(lean, queue, { attemptId: 'attempt-1' });
      same(
        got.map(({ body, group }) => [body, group]),
        bodies.map((body) => [body, 'g']),
        'bodies and groups',
      );
      check(
        got.every(({ sequenceNumber }) => sequenceNumber !== undefined),
        'a sequence number is missing',
      );
    },
  },
});
