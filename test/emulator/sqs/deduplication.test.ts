import * as fc from 'fast-check';
import { DeduplicationWindow, type Deduplicated } from '../../../lib/emulator/sqs/deduplication.js';

const WINDOW_MS = 300_000;

interface Sent extends Deduplicated {
  readonly key: string;
}

const sentAt = (at: number, number: number): Sent => ({
  key: `id-${number}`,
  messageId: `message-${number}`,
  sequenceNumber: `sequence-${number}`,
  at,
});

const step = fc.record({
  ids: fc.integer({ min: 0, max: 60 }),
  waitMs: fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.constantFrom(150_000, 300_000, 450_000)),
});

test('remembers each id for exactly five minutes, and holds no more than one and a half times as many', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const window = new DeduplicationWindow();
      const sent: Sent[] = [];
      let now = 0;
      for (const { ids, waitMs } of steps) {
        now += waitMs;
        const fresh = Array.from({ length: ids }, (_, at) => sentAt(now, sent.length + at));
        for (const one of fresh) window.remember(one.key, one);
        sent.push(...fresh);
        const found = sent.filter(({ key }) => window.find(key, now) !== undefined);
        expect(found).toEqual(sent.filter(({ at }) => at + WINDOW_MS > now));
        expect(window.size).toBeLessThanOrEqual(sent.filter(({ at }) => at + WINDOW_MS * 1.5 > now).length);
      }
    }),
    { numRuns: 300 },
  );
});

test('gives a duplicate what its first was answered', () => {
  const window = new DeduplicationWindow();
  const { key, ...answer } = sentAt(1_000, 7);
  window.remember(key, answer);
  expect(window.find(key, 200_000)).toEqual(answer);
});
