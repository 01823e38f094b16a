import fc from 'fast-check';
import {
  compareCheckpoints,
  comparePositions,
  decodeCheckpoint,
  encodeCheckpoint,
  isHandled,
  type Checkpoint,
} from '../../../lib/core/stream/position.js';

const positions = fc.record({
  sequenceNumber: fc.bigInt({ min: 0n, max: 10n ** 56n }).map(String),
  subSequence: fc.nat(999_999),
});
const checkpoints: fc.Arbitrary<Checkpoint> = fc.oneof(
  fc.constant({ kind: 'trim-horizon' } as const),
  fc.nat(2 ** 41).map((epochMs) => ({ kind: 'since', epochMs }) as const),
  positions.map((position) => ({ kind: 'at', position }) as const),
  fc.constant({ kind: 'shard-end' } as const),
);

describe('positions', () => {
  it('compare sequence numbers as numbers, then sub-sequences', () => {
    const at = (sequenceNumber: string, subSequence = 0) => ({ sequenceNumber, subSequence });
    expect(comparePositions(at('9'), at('10'))).toBeLessThan(0);
    expect(comparePositions(at('10', 2), at('10', 1))).toBeGreaterThan(0);
    expect(comparePositions(at('10', 2), at('10', 2))).toBe(0);
  });

  it('survive the way into the store and back', () => {
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
    );
  });

  it('sort as text as they sort as positions', () => {
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        const [left, right] = [{ kind: 'at', position: a } as const, { kind: 'at', position: b } as const];
        expect(Math.sign(compareCheckpoints(left, right))).toBe(Math.sign(comparePositions(a, b)));
      }),
    );
  });

  it('stand between the beginning and the end of the shard', () => {
    fc.assert(
      fc.property(positions, fc.nat(2 ** 41), (position, epochMs) => {
        const at = { kind: 'at', position } as const;
        expect(compareCheckpoints({ kind: 'trim-horizon' }, at)).toBeLessThan(0);
        expect(compareCheckpoints({ kind: 'since', epochMs }, at)).toBeLessThan(0);
        expect(compareCheckpoints(at, { kind: 'shard-end' })).toBeLessThan(0);
      }),
    );
  });

  it.each(['', 'LATEST', '002.5.0000000', '001.x.0000000', '000.SINCE.soon'])(
    'rejects %p as a checkpoint',
    (text) => expect(decodeCheckpoint(text)).toBeUndefined(),
  );

  it('count a record as handled up to and with the checkpoint, inside an aggregate too', () => {
    const checkpoint = { kind: 'at', position: { sequenceNumber: '100', subSequence: 3 } } as const;
    expect(isHandled({ sequenceNumber: '100', subSequence: 3 }, checkpoint)).toBe(true);
    expect(isHandled({ sequenceNumber: '100', subSequence: 4 }, checkpoint)).toBe(false);
    expect(isHandled({ sequenceNumber: '99', subSequence: 9 }, checkpoint)).toBe(true);
  });
});
