import { caseGroup, type CaseDeclaration } from '../../conformance-case.js';
import { sameSet } from '../../fixtures/expectations.js';
import { snsGuide } from '../../fixtures/pages.js';
import { bodies, createQueue, drain } from '../../fixtures/queues.js';
import {
  allowSns,
  createSubscribedQueue,
  createTopic,
  messageAttributes,
  publish,
  subscribeQueue,
  type ShortAttributes,
} from '../../fixtures/topics.js';
import {
  CONSTRAINTS,
  KEYS,
  LOGIC,
  NUMBERS,
  STRINGS,
  expectDelivered,
  type FilterRow,
} from '../../fixtures/filters.js';

const attributeRows = (
  rows: Readonly<Record<string, FilterRow<ShortAttributes>>>,
): Record<string, CaseDeclaration> =>
  Object.fromEntries(
    Object.entries(rows).map(([title, { page, policy, passes, blocks }]) => [
      title,
      {
        page,
        run: async (context) => {
          const subscribed = await createSubscribedQueue(context, { FilterPolicy: JSON.stringify(policy) });
          const messages = [...blocks, ...passes];
          for (const [index, attributes] of messages.entries()) {
            const Message = index < blocks.length ? `blocked ${index}` : `passed ${index - blocks.length}`;
            await publish(context, subscribed.topicArn, {
              Message,
              MessageAttributes: messageAttributes(attributes),
            });
          }
          await expectDelivered(
            context,
            subscribed,
            passes.map((_, index) => `passed ${index}`),
          );
        },
      } satisfies CaseDeclaration,
    ]),
  );

/** Filter policies held against message attributes. */
export const attributeFilterCases = caseGroup('sns.filter-attributes', {
  ...attributeRows({
    'exact value': {
      page: STRINGS,
      policy: { store: ['wheel'] },
      passes: [{ store: 'wheel' }],
      blocks: [{ store: 'race' }, {}],
    },
    'one of several values': {
      page: LOGIC,
      policy: { store: ['a', 'b'] },
      passes: [{ store: 'a' }, { store: 'b' }],
      blocks: [{ store: 'c' }],
    },
    'case matters': {
      page: STRINGS,
      policy: { store: ['Wheel'] },
      passes: [{ store: 'Wheel' }],
      blocks: [{ store: 'wheel' }],
    },
    'every key must match': {
      page: LOGIC,
      policy: { a: ['1'], b: ['2'] },
      passes: [{ a: '1', b: '2' }],
      blocks: [{ a: '1' }, { b: '2' }, { a: '1', b: '3' }],
    },
    'attributes the policy does not name are ignored': {
      page: LOGIC,
      policy: { a: ['1'] },
      passes: [{ a: '1', z: '9' }],
      blocks: [{ z: '1' }],
    },
    prefix: {
      page: STRINGS,
      policy: { store: [{ prefix: 'mill' }] },
      passes: [{ store: 'millrace' }, { store: 'mill' }],
      blocks: [{ store: 'windmill' }],
    },
    suffix: {
      page: STRINGS,
      policy: { store: [{ suffix: 'race' }] },
      passes: [{ store: 'millrace' }],
      blocks: [{ store: 'racemill' }],
    },
    'equals-ignore-case': {
      page: STRINGS,
      policy: { store: [{ 'equals-ignore-case': 'tennis' }] },
      passes: [{ store: 'TENNIS' }, { store: 'Tennis' }],
      blocks: [{ store: 'tennisx' }],
    },
    wildcard: {
      page: STRINGS,
      policy: { store: [{ wildcard: '*ball' }] },
      passes: [{ store: 'baseball' }, { store: 'ball' }],
      blocks: [{ store: 'balls' }],
    },
    'wildcard in the middle': {
      page: STRINGS,
      policy: { store: [{ wildcard: 'b*ll' }] },
      passes: [{ store: 'ball' }, { store: 'baseball' }],
      blocks: [{ store: 'bal' }],
    },
    cidr: {
      page: STRINGS,
      policy: { ip: [{ cidr: '10.0.0.0/24' }] },
      passes: [{ ip: '10.0.0.255' }],
      blocks: [{ ip: '10.0.1.0' }, { ip: 'none' }],
    },
    'anything-but a list': {
      page: STRINGS,
      policy: { store: [{ 'anything-but': ['a', 'b'] }] },
      passes: [{ store: 'c' }],
      blocks: [{ store: 'a' }, { store: 'b' }],
    },
    'anything-but one value': {
      page: STRINGS,
      policy: { store: [{ 'anything-but': 'a' }] },
      passes: [{ store: 'c' }],
      blocks: [{ store: 'a' }],
    },
    'anything-but wants the attribute to be there': {
      page: STRINGS,
      policy: { store: [{ 'anything-but': ['a'] }] },
      passes: [{ store: 'c' }],
      blocks: [{ other: 'x' }],
    },
    'anything-but a prefix': {
      page: STRINGS,
      policy: { store: [{ 'anything-but': { prefix: 'order-' } }] },
      passes: [{ store: 'data' }],
      blocks: [{ store: 'order-1' }],
    },
    'anything-but a suffix': {
      page: STRINGS,
      policy: { store: [{ 'anything-but': { suffix: '.tmp' } }] },
      passes: [{ store: 'a.txt' }],
      blocks: [{ store: 'a.tmp' }],
    },
    'anything-but numbers': {
      page: NUMBERS,
      policy: { price: [{ 'anything-but': [100, 500] }] },
      passes: [{ price: 101 }],
      blocks: [{ price: 100 }, { price: 500 }],
    },
    'numeric equal': {
      page: NUMBERS,
      policy: { price: [{ numeric: ['=', 301.5] }] },
      passes: [{ price: 301.5 }],
      blocks: [{ price: 301 }],
    },
    'numeric equal whatever the notation': {
      page: NUMBERS,
      policy: { price: [{ numeric: ['=', 3.015e2] }] },
      passes: [{ price: 301.5 }],
      blocks: [{ price: 30.15 }],
    },
    'numeric less than': {
      page: NUMBERS,
      policy: { price: [{ numeric: ['<', 0] }] },
      passes: [{ price: -0.1 }],
      blocks: [{ price: 0 }],
    },
    'numeric at least': {
      page: NUMBERS,
      policy: { price: [{ numeric: ['>=', 10] }] },
      passes: [{ price: 10 }, { price: 11 }],
      blocks: [{ price: 9.99 }],
    },
    'numeric range': {
      page: NUMBERS,
      policy: { price: [{ numeric: ['>', 0, '<=', 150] }] },
      passes: [{ price: 150 }, { price: 1 }],
      blocks: [{ price: 0 }, { price: 151 }],
    },
    'numeric conditions do not match text': {
      page: NUMBERS,
      policy: { price: [{ numeric: ['>=', 10] }] },
      passes: [{ price: 12 }],
      blocks: [{ price: '12' }],
    },
    'exists true': {
      page: KEYS,
      policy: { store: [{ exists: true }] },
      passes: [{ store: 'a' }, { store: ['a'] }],
      blocks: [{ other: 'a' }, {}],
    },
    'exists false': {
      page: KEYS,
      policy: { store: [{ exists: false }] },
      passes: [{ other: 'a' }],
      blocks: [{ store: 'a' }],
    },
    'exists false wants at least one attribute': {
      page: KEYS,
      policy: { store: [{ exists: false }] },
      passes: [{ other: 'a' }],
      blocks: [{}],
    },
    'conditions and values in one list': {
      page: LOGIC,
      policy: { store: ['race', { prefix: 'mill' }] },
      passes: [{ store: 'race' }, { store: 'millpond' }],
      blocks: [{ store: 'pond' }],
    },
    '$or of two keys': {
      page: LOGIC,
      policy: { $or: [{ a: ['1'] }, { b: ['2'] }] },
      passes: [{ a: '1' }, { b: '2' }],
      blocks: [{ a: '2', b: '1' }],
    },
    '$or beside another key': {
      page: LOGIC,
      policy: { c: ['3'], $or: [{ a: ['1'] }, { b: ['2'] }] },
      passes: [{ a: '1', c: '3' }],
      blocks: [{ a: '1' }, { c: '3' }],
    },
    'String.Array: one element suffices': {
      page: STRINGS,
      policy: { tags: ['b'] },
      passes: [{ tags: ['a', 'b'] }],
      blocks: [{ tags: ['a', 'c'] }],
    },
    'String.Array: numbers': {
      page: NUMBERS,
      policy: { tags: [{ numeric: ['>', 5] }] },
      passes: [{ tags: [1, 6] }],
      blocks: [{ tags: [1, 2] }],
    },
    'String.Array: booleans and null': {
      page: CONSTRAINTS,
      policy: { tags: [true, null] },
      passes: [{ tags: [true] }, { tags: [null] }],
      blocks: [{ tags: [false] }],
    },
    'String.Array: anything-but': {
      page: STRINGS,
      policy: { tags: [{ 'anything-but': ['a'] }] },
      passes: [{ tags: ['b'] }],
      blocks: [{ tags: ['a'] }],
    },
  }),
  'Binary attributes are not compared': {
    page: CONSTRAINTS,
    run: async (context) => {
      const subscribed = await createSubscribedQueue(context, {
        FilterPolicy: JSON.stringify({ a: ['wheel'] }),
      });
      const bytes = { a: { DataType: 'Binary', BinaryValue: Buffer.from('wheel') } };
      await publish(context, subscribed.topicArn, { Message: 'bytes', MessageAttributes: bytes });
      await publish(context, subscribed.topicArn, {
        Message: 'text',
        MessageAttributes: messageAttributes({ a: 'wheel' }),
      });
      await expectDelivered(context, subscribed, ['text']);
    },
  },
  'each subscription has its own policy': {
    page: snsGuide('sns-message-filtering'),
    run: async (context) => {
      const topicArn = await createTopic(context);
      const queues = [await createQueue(context), await createQueue(context)];
      for (const [index, queue] of queues.entries()) {
        await allowSns(context, queue);
        await subscribeQueue(context, topicArn, [
          queue,
          { FilterPolicy: JSON.stringify({ to: [`${index}`] }) },
        ]);
      }
      for (const to of ['0', '1']) {
        await publish(context, topicArn, {
          Message: `for ${to}`,
          MessageAttributes: messageAttributes({ to }),
        });
      }
      const got = await Promise.all(queues.map(async (queue) => bodies(await drain(context, queue, 2))));
      sameSet(
        got.map((list) => list.join()),
        ['for 0', 'for 1'],
        'delivered',
      );
    },
  },
});
