import fc from 'fast-check';
import type { Envelope } from '../../../lib/contract/index.js';
import type { ReceivedMessage } from '../../../lib/runtime/aws/sqs-api.js';
import { GuardedWork } from '../../../lib/runtime/sqs/guarded-work.js';
import { queueBinding } from './fixtures.js';

interface Named {
  readonly consumer: string;
  readonly queue: string;
  readonly type: string;
  readonly id: string;
  readonly group: string;
}

function workOf({ consumer, queue, type, id, group }: Named): GuardedWork {
  const arn = `arn:aws:sqs:eu-west-1:000000000000:${queue}`;
  const message: ReceivedMessage = {
    messageId: 'm1',
    receiptHandle: 'h1',
    body: '{}',
    md5OfBody: undefined,
    attributes: {},
    receiveCount: 1,
    sentAt: 0,
    group,
    deduplicationId: undefined,
    sequenceNumber: '18849496460467696128',
  };
  const envelope: Envelope = { type, id, schemaVersion: 1, publishedAt: 1 };
  const source = { hash: 'h' };
  return new GuardedWork(
    { consumer, binding: queueBinding({ arn }) },
    { message, envelope, source, chance: 0.5 },
  );
}

/** Short texts of few characters meet each other often. */
const text = (...units: string[]) =>
  fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength: 4 });
const named = fc.record({
  consumer: text('a', 'b', '.', ':'),
  queue: text('a', 'b'),
  type: text('a', 'b', '.'),
  id: text('a', 'b', '#', '.', ':'),
  group: text('a', 'b', '#', '.', ':'),
});

describe('what a guard is told of a message', () => {
  it('has keys that no other consumer, queue or meaning has', () => {
    fc.assert(
      fc.property(named, named, (one, other) => {
        const [first, second] = [workOf(one), workOf(other)];
        const isSameFact = one.consumer === other.consumer && one.type === other.type && one.id === other.id;
        const isSameGroup =
          one.consumer === other.consumer && one.queue === other.queue && one.group === other.group;
        expect(first.key === second.key).toBe(isSameFact);
        expect(first.groupKey === second.groupKey).toBe(isSameGroup);
        expect(first.key).not.toBe(second.groupKey);
      }),
    );
  });

  it('has a key of bounded length, told apart by a hash', () => {
    const base = { consumer: 'c', queue: 'q', type: 't', group: 'g' };
    const keys = ['x', 'y'].map((end) => workOf({ ...base, id: `${'i'.repeat(2_000)}${end}` }).key);
    expect(keys[0]).not.toBe(keys[1]);
    expect(Math.max(...keys.map(({ length }) => length))).toBeLessThan(1_025);
  });

  it('has sequence numbers that compare as text', () => {
    const { sequence } = workOf({ consumer: 'c', queue: 'q', type: 't', id: 'i', group: 'g' });
    expect(sequence).toBe('18849496460467696128'.padStart(40, '0'));
  });
});
