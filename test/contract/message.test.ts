import { z } from 'zod';
import { defineMessage, defineRecord } from '../../lib/contract/index.js';
import type {
  AttributesOf,
  PayloadOf,
  ProducedRecordOf,
  PublishedPayloadOf,
} from '../../lib/contract/index.js';

const schema = z.object({ delivery: z.string(), ref: z.string(), size: z.coerce.number() });

const PushReceived = defineMessage('github.push', {
  schema,
  id: (push) => push.delivery,
  attributes: (push) => ({ branch: push.ref, size: push.size }),
});

/** Compiles only if both types are the same. */
function expectSame<A, B>(
  ..._proof: [A] extends [B] ? ([B] extends [A] ? [] : ['B is wider']) : ['A is wider']
): void {
  expect(true).toBe(true);
}

describe('defineMessage', () => {
  it('keeps the name, defaults the version and freezes the declaration', () => {
    expect(PushReceived).toMatchObject({ kind: 'message', name: 'github.push', version: 1 });
    expect(Object.isFrozen(PushReceived)).toBe(true);
  });

  it('reads id and attributes off the parsed payload', () => {
    const push = { delivery: 'd-1', ref: 'refs/heads/main', size: 7 };
    expect(PushReceived.id(push)).toBe('d-1');
    expect(PushReceived.attributes?.(push)).toEqual({ branch: 'refs/heads/main', size: 7 });
  });

  it('infers what is published, what is handled and what can be filtered on', () => {
    expectSame<PayloadOf<typeof PushReceived>, z.output<typeof schema>>();
    expectSame<PublishedPayloadOf<typeof PushReceived>, z.input<typeof schema>>();
    expectSame<keyof AttributesOf<typeof PushReceived>, 'branch' | 'size'>();
  });

  it('rejects every violation at once', () => {
    const declare = (): unknown =>
      defineMessage('AWS.push!', { schema: {} as typeof schema, id: () => '1', version: 0 });
    expect(declare).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONTRACT',
        violations: [
          expect.stringContaining('name'),
          expect.stringContaining('version'),
          expect.stringContaining('schema'),
        ],
      }) as Error,
    );
  });
});

describe('defineRecord', () => {
  it('keeps the key and infers what is produced', () => {
    const Flight = defineRecord('flight.landed', {
      schema: z.object({ origin: z.string() }),
      key: (f) => f.origin,
    });
    expect(Flight.key({ origin: 'JFK' })).toBe('JFK');
    expectSame<ProducedRecordOf<typeof Flight>, { origin: string }>();
  });
});
