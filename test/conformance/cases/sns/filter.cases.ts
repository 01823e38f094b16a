import { caseGroup, type CaseContext, type CaseDeclaration } from '../../conformance-case.js';
import { refusal, sameSet } from '../../fixtures/expectations.js';
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
  type SubscribedQueue,
} from '../../fixtures/topics.js';

const STRINGS = snsGuide('string-value-matching');
const NUMBERS = snsGuide('numeric-value-matching');
const KEYS = snsGuide('attribute-key-matching');
const LOGIC = snsGuide('and-or-logic');
const CONSTRAINTS = snsGuide('subscription-filter-policy-constraints');
const PAYLOAD = snsGuide('sns-message-filtering-scope');

type Policy = Readonly<Record<string, unknown>>;

/** What a policy lets through and what it holds back. */
interface Row<T> {
  readonly page: string;
  readonly policy: Policy;
  readonly passes: readonly T[];
  readonly blocks: readonly T[];
}

/** A message that passes every policy here would be no policy; so what must not come is sent first, what must come last. */
async function expectDelivered(
  context: CaseContext,
  { queue }: SubscribedQueue,
  passes: readonly string[],
): Promise<void> {
  const got = await drain(context, queue, passes.length);
  sameSet(bodies(got), passes, 'delivered');
}

const attributeRows = (
  rows: Readonly<Record<string, Row<ShortAttributes>>>,
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

const bodyRows = (rows: Readonly<Record<string, Row<unknown>>>): Record<string, CaseDeclaration> =>
  Object.fromEntries(
    Object.entries(rows).map(([title, { page, policy, passes, blocks }]) => [
      title,
      {
        page,
        run: async (context) => {
          const subscribed = await createSubscribedQueue(context, {
            FilterPolicyScope: 'MessageBody',
            FilterPolicy: JSON.stringify(policy),
          });
          const texts = [...blocks, ...passes].map((body) =>
            typeof body === 'string' ? body : JSON.stringify(body),
          );
          for (const Message of texts) await publish(context, subscribed.topicArn, { Message });
          await expectDelivered(context, subscribed, texts.slice(blocks.length));
        },
      } satisfies CaseDeclaration,
    ]),
  );

/** Filter policies held against the message body. */
export const bodyFilterCases = caseGroup('sns.filter-body', {
  ...bodyRows({
    'exact value': {
      page: STRINGS,
      policy: { store: ['wheel'] },
      passes: [{ store: 'wheel' }],
      blocks: [{ store: 'race' }, {}],
    },
    'nested key': {
      page: PAYLOAD,
      policy: { order: { status: ['paid'] } },
      passes: [{ order: { status: 'paid', n: 1 } }],
      blocks: [{ order: { status: 'open' } }, { status: 'paid' }],
    },
    'keys on two levels': {
      page: PAYLOAD,
      policy: { kind: ['a'], order: { n: [1] } },
      passes: [{ kind: 'a', order: { n: 1 } }],
      blocks: [{ kind: 'a', order: { n: 2 } }],
    },
    number: {
      page: NUMBERS,
      policy: { price: [100] },
      passes: [{ price: 100 }],
      blocks: [{ price: '100' }, { price: 101 }],
    },
    'numeric range': {
      page: NUMBERS,
      policy: { price: [{ numeric: ['>', 0, '<=', 150] }] },
      passes: [{ price: 150 }],
      blocks: [{ price: 0 }],
    },
    boolean: {
      page: CONSTRAINTS,
      policy: { urgent: [true] },
      passes: [{ urgent: true }],
      blocks: [{ urgent: 'true' }, { urgent: false }],
    },
    null: {
      page: CONSTRAINTS,
      policy: { owner: [null] },
      passes: [{ owner: null }],
      blocks: [{ owner: 'x' }],
    },
    'array of values: one suffices': {
      page: STRINGS,
      policy: { tags: ['b'] },
      passes: [{ tags: ['a', 'b'] }],
      blocks: [{ tags: ['a'] }, { tags: [] }],
    },
    'array of objects: one suffices': {
      page: PAYLOAD,
      policy: { items: { sku: ['x'] } },
      passes: [{ items: [{ sku: 'y' }, { sku: 'x' }] }],
      blocks: [{ items: [{ sku: 'y' }] }],
    },
    prefix: {
      page: STRINGS,
      policy: { ref: [{ prefix: 'refs/heads/' }] },
      passes: [{ ref: 'refs/heads/main' }],
      blocks: [{ ref: 'refs/tags/1' }],
    },
    suffix: {
      page: STRINGS,
      policy: { file: [{ suffix: '.ts' }] },
      passes: [{ file: 'a.ts' }],
      blocks: [{ file: 'a.js' }],
    },
    wildcard: {
      page: STRINGS,
      policy: { file: [{ wildcard: 'lib/*.ts' }] },
      passes: [{ file: 'lib/a.ts' }],
      blocks: [{ file: 'test/a.ts' }],
    },
    'equals-ignore-case': {
      page: STRINGS,
      policy: { s: [{ 'equals-ignore-case': 'a' }] },
      passes: [{ s: 'A' }],
      blocks: [{ s: 'b' }],
    },
    cidr: {
      page: STRINGS,
      policy: { ip: [{ cidr: '10.0.0.0/8' }] },
      passes: [{ ip: '10.1.2.3' }],
      blocks: [{ ip: '11.1.2.3' }],
    },
    'anything-but': {
      page: STRINGS,
      policy: { s: [{ 'anything-but': ['a'] }] },
      passes: [{ s: 'b' }],
      blocks: [{ s: 'a' }, {}],
    },
    'anything-but a prefix': {
      page: STRINGS,
      policy: { s: [{ 'anything-but': { prefix: 'a' } }] },
      passes: [{ s: 'b' }],
      blocks: [{ s: 'ab' }],
    },
    'exists true': {
      page: KEYS,
      policy: { s: [{ exists: true }] },
      passes: [{ s: 'x' }],
      blocks: [{ t: 'x' }],
    },
    'exists false': {
      page: KEYS,
      policy: { s: [{ exists: false }] },
      passes: [{ t: 'x' }],
      blocks: [{ s: 'x' }],
    },
    'exists in a nested object': {
      page: KEYS,
      policy: { o: { s: [{ exists: true }] } },
      passes: [{ o: { s: 1 } }],
      blocks: [{ o: { t: 1 } }],
    },
    $or: {
      page: LOGIC,
      policy: { $or: [{ a: [1] }, { b: [2] }] },
      passes: [{ a: 1 }, { b: 2 }],
      blocks: [{ a: 2 }],
    },
    'a body that is not JSON is not delivered': {
      page: PAYLOAD,
      policy: { a: ['x'] },
      passes: [{ a: 'x' }],
      blocks: ['plain a x'],
    },
  }),
  'attributes are not looked at': {
    page: PAYLOAD,
    run: async (context) => {
      const subscribed = await createSubscribedQueue(context, {
        FilterPolicyScope: 'MessageBody',
        FilterPolicy: JSON.stringify({ a: ['x'] }),
      });
      const MessageAttributes = messageAttributes({ a: 'x' });
      await publish(context, subscribed.topicArn, { Message: '{"b":"x"}', MessageAttributes });
      await publish(context, subscribed.topicArn, { Message: '{"a":"x"}' });
      await expectDelivered(context, subscribed, ['{"a":"x"}']);
    },
  },
});

const values = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `v${index}`);

const refusedPolicies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a policy that is not JSON': { FilterPolicy: 'not json' },
  'a value that is no list': { FilterPolicy: '{"a":"x"}' },
  'an unknown operator': { FilterPolicy: '{"a":[{"contains":"x"}]}' },
  'six keys': { FilterPolicy: JSON.stringify(Object.fromEntries(values(6).map((key) => [key, ['x']]))) },
  'more than 150 combinations': { FilterPolicy: JSON.stringify({ a: values(20), b: values(8) }) },
  'a nested policy in attribute scope': { FilterPolicy: '{"a":{"b":["x"]}}' },
  'a numeric condition on text': { FilterPolicy: '{"a":[{"numeric":["=","x"]}]}' },
  'a numeric condition with an unknown comparison': { FilterPolicy: '{"a":[{"numeric":["!=",1]}]}' },
  'exists with text': { FilterPolicy: '{"a":[{"exists":"yes"}]}' },
  'an unknown scope': { FilterPolicyScope: 'Headers', FilterPolicy: '{"a":["x"]}' },
};

/** Filter policies that a subscription cannot have. */
export const filterRefusalCases = caseGroup(
  'sns.filter-refusal',
  Object.fromEntries(
    Object.entries(refusedPolicies).map(([title, attributes]) => [
      `${title}: InvalidParameter`,
      {
        page: CONSTRAINTS,
        run: async (context) => {
          const topicArn = await createTopic(context);
          const queue = await createQueue(context);
          await refusal(subscribeQueue(context, topicArn, [queue, attributes]), 'InvalidParameter');
        },
      } satisfies CaseDeclaration,
    ]),
  ),
);
