import fc from 'fast-check';
import {
  readTraceparent,
  traceparentOfXRay,
  writeTraceparent,
} from '../../../lib/core/trace/trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text));

describe('a traceparent', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.integer({ min: 0, max: 255 }), (traceId, spanId, flags) => {
        const place = { traceId, spanId, flags };
        expect(readTraceparent(writeTraceparent(place))).toEqual(place);
      }),
    );
  });

  it('of a version to come is read as far as it is known', () => {
    expect(readTraceparent(`01-${TRACE}-${SPAN}-01-more`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      flags: 1,
    });
  });

  it.each([
    ['nothing', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version 00 with more behind it', `00-${TRACE}-${SPAN}-01-more`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short span', `00-${TRACE}-${SPAN.slice(1)}-01`],
  ])('is none: %s', (_what, text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });
});

describe("X-Ray's header", () => {
  it('says the same as a traceparent', () => {
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    expect(traceparentOfXRay(header)).toBe('00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01');
  });

  it('is not sampled unless it says so, whatever else it carries', () => {
    const header = 'Self=1-x; Lineage=a:1; Parent=53995C3F42CD8AD8; Root=1-5759e988-bd862e3fe1be46a994272793';
    expect(traceparentOfXRay(header)).toBe('00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00');
  });

  it.each(['', 'Root=1-a', 'Root=1-5759e988-bd862e3fe1be46a994272793', 'Parent=53995c3f42cd8ad8;Sampled=1'])(
    'names no span: %p',
    (header) => {
      expect(traceparentOfXRay(header)).toBeUndefined();
    },
  );
});
