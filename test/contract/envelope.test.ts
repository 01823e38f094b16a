import fc from 'fast-check';
import {
  decodeEnvelope,
  decodeRecord,
  encodeEnvelope,
  encodeRecord,
  META_ATTRIBUTE,
  TYPE_ATTRIBUTE,
} from '../../lib/contract/index.js';

const reader = (attributes: Readonly<Record<string, string>>) => (name: string) => attributes[name];

const trace = fc.record(
  { traceparent: fc.string(), tracestate: fc.string() },
  { requiredKeys: ['traceparent'] },
);

describe('the message envelope', () => {
  it('comes back as it was written, whatever the id holds', () => {
    const envelopes = fc.record(
      {
        type: fc.string({ minLength: 1 }),
        id: fc.string({ minLength: 1 }),
        schemaVersion: fc.nat(),
        publishedAt: fc.nat(),
        trace,
      },
      { requiredKeys: ['type', 'id', 'schemaVersion', 'publishedAt'] },
    );
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const decoded = decodeEnvelope(reader({ ...encodeEnvelope(envelope) }));
        expect(decoded).toEqual({ kind: 'envelope', envelope });
      }),
    );
  });

  it('takes two attributes', () => {
    expect(Object.keys(encodeEnvelope({ type: 'a', id: '1', schemaVersion: 1, publishedAt: 0 }))).toEqual([
      TYPE_ATTRIBUTE,
      META_ATTRIBUTE,
    ]);
  });

  it.each([
    ['no attributes', {}, /no attribute millrace-type and millrace-meta/],
    ['no meta', { [TYPE_ATTRIBUTE]: 'a' }, /no attribute millrace-meta:/],
    ['meta that is no JSON', { [TYPE_ATTRIBUTE]: 'a', [META_ATTRIBUTE]: 'x' }, /no JSON object/],
    ['a later format', { [TYPE_ATTRIBUTE]: 'a', [META_ATTRIBUTE]: '{"v":2}' }, /format 2 is not known/],
    ['no id', { [TYPE_ATTRIBUTE]: 'a', [META_ATTRIBUTE]: '{"v":1,"sv":1,"at":0}' }, /must carry id/],
  ])('rejects %s with a reason', (_what, attributes, reason) => {
    expect(decodeEnvelope(reader(attributes))).toEqual({
      kind: 'invalid',
      reason: expect.stringMatching(reason) as string,
    });
  });
});

describe('the record envelope', () => {
  it('comes back as it was written', () => {
    const envelopes = fc.record(
      {
        type: fc.string(),
        schemaVersion: fc.nat(),
        producedAt: fc.nat(),
        id: fc.string(),
        origin: fc.record({ producerId: fc.string(), epoch: fc.nat(), sequence: fc.nat() }),
      },
      { requiredKeys: ['type', 'schemaVersion', 'producedAt'] },
    );
    fc.assert(
      fc.property(envelopes, fc.jsonValue(), (envelope, data) => {
        const decoded = decodeRecord(encodeRecord(envelope, data));
        expect(decoded).toEqual({
          kind: 'record',
          envelope,
          data: JSON.parse(JSON.stringify(data)) as unknown,
        });
      }),
    );
  });

  it.each([
    ['text that is no JSON', 'x', /^not JSON/],
    ['a bare value', '1', /not a JSON object/],
    ['a foreign object', '{"a":1}', /format undefined is not known/],
    ['missing fields', '{"mr":1,"t":"a"}', /must be there/],
  ])('rejects %s with a reason', (_what, text, reason) => {
    expect(decodeRecord(text)).toEqual({ kind: 'invalid', reason: expect.stringMatching(reason) as string });
  });
});
