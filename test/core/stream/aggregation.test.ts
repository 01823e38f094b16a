import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  AGGREGATE_OVERHEAD_BYTES,
  aggregatedBytes,
  decodeAggregate,
  encodeAggregate,
} from '../../../lib/core/stream/aggregation.js';
import { WHOLE_RANGE } from '../../../lib/core/stream/hash-range.js';
import { unpackRecord } from '../../../lib/core/stream/unpack.js';

const digest = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();
const hashOf = (key: string): string => createHash('md5').update(key).digest('hex');
const tools = { digest, hashOf };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const records = fc.array(
  fc.record({
    partitionKey: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    data: fc.uint8Array({ maxLength: 300 }),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('the aggregation format', () => {
  it('gives back what was packed', () => {
    fc.assert(
      fc.property(records, (packed) => {
        const unpacked = decodeAggregate(encodeAggregate(packed, digest), digest);
        expect(unpacked?.map(({ partitionKey }) => partitionKey)).toEqual(
          packed.map(({ partitionKey }) => partitionKey),
        );
        expect(unpacked?.map(({ data }) => [...data])).toEqual(packed.map(({ data }) => [...data]));
      }),
    );
  });

  it('takes exactly the bytes that were foretold', () => {
    fc.assert(
      fc.property(records, (packed) => {
        const keys = new Set<string>();
        let foretold = AGGREGATE_OVERHEAD_BYTES;
        for (const { partitionKey, data } of packed) {
          const isNew = !keys.has(partitionKey);
          const index = isNew ? keys.size : [...keys].indexOf(partitionKey);
          const sizes = { keyBytes: Buffer.byteLength(partitionKey), dataBytes: data.length };
          foretold += aggregatedBytes(sizes, isNew, index);
          keys.add(partitionKey);
        }
        expect(encodeAggregate(packed, digest)).toHaveLength(foretold);
      }),
    );
  });

  it('is the bytes that the KPL writes', () => {
    const bytes = encodeAggregate(
      [
        { partitionKey: 'a', data: text('x') },
        { partitionKey: 'b', data: text('yz') },
        { partitionKey: 'a', data: text('') },
      ],
      digest,
    );
    const body = '0a0161' + '0a0162' + '1a0508001a0178' + '1a0608011a02797a' + '1a0408001a00';
    expect(Buffer.from(bytes.subarray(0, -16)).toString('hex')).toBe(`f3899ac2${body}`);
    expect(Buffer.from(bytes.subarray(-16)).toString('hex')).toBe(
      createHash('md5').update(Buffer.from(body, 'hex')).digest('hex'),
    );
  });

  it('reads explicit hash keys and passes over fields it does not know', () => {
    // tables: key "k", hash key "5"; a record with both indexes, data "d" and a tag {key: "t"}
    const body = Buffer.from('0a016b' + '120135' + '1a0c' + '0800' + '1000' + '1a0164' + '22030a0174', 'hex');
    const bytes = Buffer.concat([Buffer.from('f3899ac2', 'hex'), body, digest(body)]);
    expect(decodeAggregate(bytes, digest)).toEqual([
      { partitionKey: 'k', explicitHashKey: '5', data: Buffer.from('d') },
    ]);
  });

  it('passes bytes through that are damaged anywhere', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (packed, at, flip) => {
        const bytes = encodeAggregate(packed, digest);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        expect(decodeAggregate(bytes, digest)).toBeUndefined();
      }),
    );
  });

  it('survives any protobuf behind a right digest', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (body) => {
        const bytes = Buffer.concat([Buffer.from('f3899ac2', 'hex'), body, digest(body)]);
        const unpacked = unpackRecord({ partitionKey: 'k', data: bytes }, WHOLE_RANGE, tools);
        expect(unpacked.records.length + unpacked.strays).toBeGreaterThan(0);
      }),
    );
  });
});

describe('unpacking', () => {
  const keys = Array.from({ length: 20 }, (_, n) => `key-${n}`);
  const low = { start: WHOLE_RANGE.start, end: `7${'f'.repeat(31)}` };
  const isLow = (key: string): boolean => hashOf(key) <= low.end;
  const pack = (bodies: (key: string) => string): Uint8Array =>
    encodeAggregate(
      keys.map((partitionKey) => ({ partitionKey, data: text(bodies(partitionKey)) })),
      digest,
    );

  it('gives a plain record as it is, with sub-sequence 0', () => {
    const unpacked = unpackRecord({ partitionKey: 'k', data: text('plain') }, low, tools);
    expect(unpacked).toEqual({
      records: [{ partitionKey: 'k', data: text('plain'), subSequence: 0 }],
      lastSubSequence: 0,
      strays: 0,
    });
  });

  it("leaves out a KPL's strays and keeps the index of the others", () => {
    const unpacked = unpackRecord({ partitionKey: 'a', data: pack((key) => key) }, low, tools);
    expect(unpacked.records.map(({ subSequence }) => keys[subSequence])).toEqual(keys.filter(isLow));
    expect(unpacked).toMatchObject({ strays: keys.filter((key) => !isLow(key)).length, lastSubSequence: 19 });
  });

  it('takes an aggregate of ours with a stray as not written', () => {
    const unpacked = unpackRecord({ partitionKey: 'a', data: pack(() => '{"mr":1,"t":"x"}') }, low, tools);
    expect(unpacked).toEqual({ records: [], lastSubSequence: 19, strays: 20 });
  });

  it('takes an aggregate of ours without strays whole', () => {
    const unpacked = unpackRecord(
      { partitionKey: 'a', data: pack(() => '{"mr":1,"t":"x"}') },
      WHOLE_RANGE,
      tools,
    );
    expect(unpacked.records).toHaveLength(20);
    expect(unpacked.strays).toBe(0);
  });
});
