import { caseGroup, type CaseDeclaration } from '../../conformance-case.js';
import { createSubscribedQueue, messageAttributes, publish } from '../../fixtures/topics.js';
import {
  CONSTRAINTS,
  KEYS,
  LOGIC,
  NUMBERS,
  PAYLOAD,
  STRINGS,
  expectDelivered,
  type FilterRow,
} from '../../fixtures/filters.js';

const bodyRows = (rows: Readonly<Record<string, FilterRow<unknown>>>): Record<string, CaseDeclaration> =>
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
