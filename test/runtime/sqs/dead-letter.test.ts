import type { ReceivedMessage, WireAttribute } from '../../../lib/runtime/aws/sqs-api.js';
import { deadLetterOf, REASON_ATTRIBUTE } from '../../../lib/runtime/sqs/dead-letter.js';
import { wireBytesOf } from '../../../lib/runtime/aws/wire-size.js';
import { queueBinding } from './fixtures.js';

const poison = { reason: 'schema', detail: 'job: expected text' } as const;

function received(
  attributes: Record<string, WireAttribute>,
  over: Partial<ReceivedMessage> = {},
): ReceivedMessage {
  return {
    messageId: 'm-1',
    receiptHandle: 'h-1',
    body: '{"job":7}',
    md5OfBody: undefined,
    receiveCount: 2,
    sentAt: 0,
    group: undefined,
    deduplicationId: undefined,
    sequenceNumber: undefined,
    attributes,
    ...over,
  };
}

const text = (value: string): WireAttribute => ({ type: 'String', text: value });

describe('deadLetterOf', () => {
  it('trap 30: keeps within ten attributes: what has no room is packed into the reason', () => {
    const foreign = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`a${index}`, text(`v${index}`)]),
    );
    const ours = { 'millrace-type': text('job.queued'), 'millrace-meta': text('{}') };
    const letter = deadLetterOf(received({ ...foreign, ...ours }), poison, { binding: queueBinding() });
    expect(Object.keys(letter.attributes)).toHaveLength(10);
    expect(letter.attributes).toMatchObject(ours);
    const reason = letter.attributes[REASON_ATTRIBUTE] as { text: string };
    expect(JSON.parse(reason.text)).toMatchObject({ packed: { a7: { type: 'String', text: 'v7' } } });
  });

  it('packs binary attributes as base64', () => {
    const foreign = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [
        `a${index}`,
        { type: 'Binary', bytes: new Uint8Array([index]) },
      ]),
    );
    const reason = deadLetterOf(received(foreign), poison, { binding: queueBinding() }).attributes[
      REASON_ATTRIBUTE
    ];
    expect(JSON.parse((reason as { text: string }).text)).toMatchObject({
      packed: { a9: { base64: 'CQ==' } },
    });
  });

  it.each([
    [0, undefined],
    [100, undefined],
    [300, ''],
    [2_000, 'd'.repeat(1_000)],
  ])('trap 27: says what there is room for: with %d bytes left the detail is %p', (room, detail) => {
    const body = 'b'.repeat(10_000);
    const binding = queueBinding({ maxMessageBytes: body.length + room });
    const letter = deadLetterOf(
      received({}, { body }),
      { ...poison, detail: 'd'.repeat(1_000) },
      { binding },
    );
    expect(letter.body).toBe(body);
    const reason = letter.attributes[REASON_ATTRIBUTE] as { text: string } | undefined;
    expect(reason && (JSON.parse(reason.text) as { detail: string }).detail).toBe(detail);
    expect(wireBytesOf(letter)).toBeLessThanOrEqual(binding.maxMessageBytes);
  });

  it('takes no attribute away for a reason that has no room', () => {
    const foreign = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`a${index}`, text(`v${index}`)]),
    );
    const message = received(foreign);
    const binding = queueBinding({ maxMessageBytes: wireBytesOf(message) + 100 });
    expect(deadLetterOf(message, poison, { binding }).attributes).toEqual(foreign);
  });

  it('replaces the reason of an earlier stay in the dead-letter queue', () => {
    const old = { [REASON_ATTRIBUTE]: text('{"v":1,"reason":"old"}') };
    const letter = deadLetterOf(received(old), poison, { binding: queueBinding() });
    expect(JSON.parse((letter.attributes[REASON_ATTRIBUTE] as { text: string }).text)).toMatchObject({
      reason: 'schema',
      receiveCount: 2,
    });
  });

  it('trap 24: names group and deduplication id on FIFO, so that a second try is swallowed', () => {
    const letter = deadLetterOf(received({}, { group: 'g' }), poison, {
      binding: queueBinding({ fifo: true }),
    });
    expect(letter).toMatchObject({ group: 'g', deduplicationId: 'm-1', body: '{"job":7}' });
  });
});
