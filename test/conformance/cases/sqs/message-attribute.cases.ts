import { type MessageAttributeValue } from '@aws-sdk/client-sqs';

import { caseGroup, type CaseContext } from '../../conformance-case.js';
import { check, present, same, sameSet } from '../../fixtures/expectations.js';
import { sqsApi, sqsGuide } from '../../fixtures/pages.js';
import { attributesMd5, createQueue, receiveOne, send, type TestQueue } from '../../fixtures/queues.js';

const withAttributes = async (
  context: CaseContext,
  attributes: Record<string, MessageAttributeValue>,
): Promise<TestQueue> => {
  const queue = await createQueue(context);
  await send(context, queue, 'body', { MessageAttributes: attributes });
  return queue;
};

const TYPED: Record<string, MessageAttributeValue> = {
  text: { DataType: 'String', StringValue: 'wheel' },
  count: { DataType: 'Number', StringValue: '42.5' },
  bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1, 2, 255]) },
  custom: { DataType: 'String.ref', StringValue: 'refs/heads/main' },
};

/** Attributes of messages and of the system: typed, digested, asked for. */
export const messageAttributeCases = caseGroup('sqs.message', {
  'SendMessage answers the MD5 of typed attributes': {
    page: sqsGuide('sqs-message-metadata'),
    run: async (context) => {
      const sent = await send(context, await createQueue(context), 'b', { MessageAttributes: TYPED });
      same(sent.MD5OfMessageAttributes, attributesMd5(TYPED), 'MD5OfMessageAttributes');
    },
  },
  'ReceiveMessage answers typed attributes and their MD5': {
    page: sqsGuide('sqs-message-metadata'),
    run: async (context) => {
      const message = await receiveOne(context, await withAttributes(context, TYPED));
      const got = present(message.MessageAttributes, 'MessageAttributes');
      sameSet(Object.keys(got), Object.keys(TYPED), 'names');
      for (const [name, value] of Object.entries(TYPED)) {
        same([got[name]?.DataType, got[name]?.StringValue], [value.DataType, value.StringValue], name);
      }
      same([...(got.bytes?.BinaryValue ?? [])], [0, 1, 2, 255], 'bytes');
      same(message.MD5OfMessageAttributes, attributesMd5(TYPED), 'MD5OfMessageAttributes');
    },
  },
  'SendMessage answers the MD5 of system attributes': {
    page: sqsApi('SendMessage'),
    run: async (context) => {
      const trace = { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' };
      const sent = await send(context, await createQueue(context), 'b', {
        MessageSystemAttributes: { AWSTraceHeader: trace },
      });
      same(sent.MD5OfMessageSystemAttributes, attributesMd5({ AWSTraceHeader: trace }), 'MD5');
    },
  },
  'AWSTraceHeader makes the round trip': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const StringValue = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
      const queue = await createQueue(context);
      await send(context, queue, 'b', {
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue } },
      });
      same((await receiveOne(context, queue)).Attributes?.AWSTraceHeader, StringValue, 'AWSTraceHeader');
    },
  },
  'message attributes are left out unless asked for': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await withAttributes(context, TYPED);
      const message = await receiveOne(context, queue, { MessageAttributeNames: [] });
      same(message.MessageAttributes, undefined, 'MessageAttributes');
    },
  },
  'message attributes come by name': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await withAttributes(context, TYPED);
      const message = await receiveOne(context, queue, { MessageAttributeNames: ['text'] });
      same(Object.keys(message.MessageAttributes ?? {}), ['text'], 'names');
    },
  },
  'message attributes come by prefix': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const value = { DataType: 'String', StringValue: 'x' };
      const queue = await withAttributes(context, { 'bar.one': value, 'bar.two': value, foo: value });
      const message = await receiveOne(context, queue, { MessageAttributeNames: ['bar.*'] });
      sameSet(Object.keys(message.MessageAttributes ?? {}), ['bar.one', 'bar.two'], 'names');
    },
  },
  'system attributes are left out unless asked for': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const message = await receiveOne(context, queue, { MessageSystemAttributeNames: [] });
      same(Object.keys(message.Attributes ?? {}), [], 'Attributes');
    },
  },
  'system attributes come by name': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const names = ['ApproximateReceiveCount', 'SentTimestamp'] as const;
      const message = await receiveOne(context, queue, { MessageSystemAttributeNames: [...names] });
      sameSet(Object.keys(message.Attributes ?? {}), names, 'Attributes');
    },
  },
  'AttributeNames still selects system attributes': {
    page: sqsApi('ReceiveMessage'),
    run: async (context) => {
      const queue = await createQueue(context);
      await send(context, queue, 'b');
      const message = await receiveOne(context, queue, {
        AttributeNames: ['All'],
        MessageSystemAttributeNames: undefined,
      });
      check(message.Attributes?.SentTimestamp !== undefined, 'SentTimestamp is missing');
    },
  },
  'ten attributes are taken': {
    page: sqsGuide('quotas-messages'),
    run: async (context) => {
      const attributes = Object.fromEntries(
        Array.from({ length: 10 }, (_, index) => [`a${index}`, { DataType: 'String', StringValue: 'x' }]),
      );
      const message = await receiveOne(context, await withAttributes(context, attributes));
      same(Object.keys(message.MessageAttributes ?? {}).length, 10, 'attributes');
    },
  },
});
