import fc from 'fast-check';
import { readBaggage, writeBaggage, type BaggageItem } from '../../../lib/core/trace/baggage.js';

const item = fc.record({
  key: fc.stringMatching(/^[a-zA-Z0-9!#$_.~-]{1,12}$/),
  value: fc.string({ unit: 'binary' }),
});

describe('baggage', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 8 }), (items) => {
        expect(readBaggage(writeBaggage(items) ?? '')).toEqual(items);
      }),
    );
  });

  it('keeps the properties of an entry', () => {
    const items: readonly BaggageItem[] = [{ key: 'tenant', value: 'a b', metadata: 'ttl=30' }];
    expect(writeBaggage(items)).toBe('tenant=a%20b;ttl=30');
    expect(readBaggage('tenant=a%20b;ttl=30')).toEqual(items);
  });

  it('carries 64 entries and 8192 characters at most', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, value: 'v' }));
    expect(readBaggage(writeBaggage(many) ?? '')).toHaveLength(64);
    const long = Array.from({ length: 10 }, (_, index) => ({ key: `k${index}`, value: 'v'.repeat(2_000) }));
    const header = writeBaggage(long) ?? '';
    expect(readBaggage(header)).toHaveLength(4);
    expect(header.length).toBeLessThanOrEqual(8_192);
  });

  it('leaves out what can not travel or be read', () => {
    expect(writeBaggage([])).toBeUndefined();
    expect(writeBaggage([{ key: 'no token', value: 'v' }])).toBeUndefined();
    expect(writeBaggage([{ key: 'half', value: '\uD800' }])).toBe('half=%EF%BF%BD');
    expect(readBaggage('a=1,broken,b=%,=3,c=2')).toEqual([
      { key: 'a', value: '1' },
      { key: 'c', value: '2' },
    ]);
  });
});
