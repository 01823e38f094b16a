import { classifyAwsError } from '../../../../lib/runtime/aws/errors.js';
import type { SnsApi } from '../../../../lib/runtime/aws/sns-api.js';
import type { OutgoingMessage } from '../../../../lib/runtime/aws/sqs-api.js';
import { createLeanSnsApi } from '../../../../lib/runtime/aws/wire/lean-sns-api.js';
import { createSystemClock } from '../../../../lib/runtime/system/clock.js';
import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, same } from '../../fixtures/expectations.js';
import { snsApi, snsGuide } from '../../fixtures/pages.js';
import { drain } from '../../fixtures/queues.js';
import { createSubscribedFifoQueue, createSubscribedQueue } from '../../fixtures/topics.js';

/** The lean adapter with the settings of the case's client, on its endpoint. */
async function openLean(context: CaseContext): Promise<SnsApi> {
  const region = await context.sns.config.region();
  const lean = await createLeanSnsApi({
    target: { region },
    client: context.sns,
    clock: createSystemClock(),
  });
  context.cleanUp(() => {
    lean.close();
    return Promise.resolve();
  });
  return lean;
}

const kindsOf = (outcomes: readonly { readonly kind: string }[]): readonly string[] =>
  outcomes.map(({ kind }) => kind);

const MESSAGE: OutgoingMessage = {
  body: '{"text":"grüße & <世界> 🎉 100 %+1"}',
  attributes: {
    type: { type: 'String', text: "it's größer (really)!" },
    count: { type: 'Number', text: '12' },
    list: { type: 'String.Array', text: '["a","b"]' },
    blob: { type: 'Binary', bytes: Uint8Array.from([0, 255, 128, 7]) },
  },
};

/** The call of a publisher over the lean transport: what an engine answers to a form that no SDK has made. */
export const leanSnsCases = caseGroup('sns.lean', {
  'PublishBatch over the lean transport is taken, attributes of every type included': {
    page: snsApi('PublishBatch'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      const lean = await openLean(context);
      const outcomes = await lean.publishBatch(topicArn, [MESSAGE]);
      same(kindsOf(outcomes), ['done'], 'outcomes');
      const [got, ...others] = await drain(context, queue, 1);
      same(others.length, 0, 'further messages');
      same(got?.Body, MESSAGE.body, 'body');
      const attributes = got?.MessageAttributes ?? {};
      same(attributes['type']?.StringValue, "it's größer (really)!", 'text');
      same([attributes['count']?.DataType, attributes['count']?.StringValue], ['Number', '12'], 'number');
      same(attributes['list']?.StringValue, '["a","b"]', 'list');
      same([...(attributes['blob']?.BinaryValue ?? [])], [0, 255, 128, 7], 'bytes');
    },
  },
  'ten messages over the lean transport are taken in one call, an id for each': {
    page: snsApi('PublishBatch'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedQueue(context);
      const lean = await openLean(context);
      const many = Array.from({ length: 10 }, (_, at) => ({ ...MESSAGE, body: `body ${at}` }));
      const outcomes = await lean.publishBatch(topicArn, many);
      const ids = outcomes.map((outcome) => (outcome.kind === 'done' ? outcome.value.messageId : ''));
      same(new Set(ids).size, 10, 'ids');
      check(!ids.includes(''), 'an id is missing');
      same((await drain(context, queue, 10)).length, 10, 'messages');
    },
  },
  'a FIFO group keeps its order over the lean transport, numbers included': {
    page: snsGuide('fifo-topic-message-ordering'),
    run: async (context) => {
      const { topicArn, queue } = await createSubscribedFifoQueue(context);
      const lean = await openLean(context);
      const bodies = ['first', 'second', 'third'];
      const outcomes = await lean.publishBatch(
        topicArn,
        bodies.map((body) => ({ body, attributes: {}, group: 'a=b&c', deduplicationId: `${body}+1` })),
      );
      check(
        outcomes.every((outcome) => outcome.kind === 'done' && outcome.value.sequenceNumber !== undefined),
        'a sequence number is missing',
      );
      same(
        (await drain(context, queue, 3)).map(({ Body }) => Body),
        bodies,
        'bodies',
      );
    },
  },
  'a topic that is not there is told over the lean transport as the SDK tells it': {
    page: snsApi('PublishBatch'),
    run: async (context) => {
      const { topicArn } = await createSubscribedQueue(context);
      const lean = await openLean(context);
      const error: unknown = await lean.publishBatch(`${topicArn}-none`, [MESSAGE]).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const failure = classifyAwsError(error);
      same(failure.kind, 'missing', `the kind of ${failure.name}`);
    },
  },
});
