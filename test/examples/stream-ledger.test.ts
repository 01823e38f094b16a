import { isReaderRight, judgeReader, type LegRun } from '../../examples/demo/ledger/stream-ledger.js';
import { consecutiveLegs } from '../../examples/flights/legs.js';

const produced = new Map([
  ['ORD', 100],
  ['JFK', 3],
]);

const judge = (ord: readonly LegRun[]) =>
  judgeReader(
    'delays',
    produced,
    new Map([
      ['ORD', ord],
      ['JFK', [{ first: 1, last: 3 }]],
    ]),
  );

describe('judgeReader', () => {
  it('finds nothing wrong with runs that follow each other from 1 to the last', () => {
    const verdict = judge([
      { first: 1, last: 40 },
      { first: 41, last: 100 },
    ]);
    expect(verdict).toMatchObject({ produced: 103, handledOnce: 103, lost: 0, doubled: 0 });
    expect(isReaderRight(verdict)).toBe(true);
  });

  it.each([
    [
      'lost',
      [
        { first: 1, last: 40 },
        { first: 42, last: 100 },
      ],
      { lost: 1, doubled: 0, handledOnce: 102 },
    ],
    [
      'doubled',
      [
        { first: 1, last: 40 },
        { first: 40, last: 100 },
      ],
      { lost: 0, doubled: 1, handledOnce: 102, disorderedAirports: ['ORD'] },
    ],
    [
      'disordered',
      [
        { first: 51, last: 100 },
        { first: 1, last: 50 },
      ],
      { lost: 0, doubled: 0, disorderedAirports: ['ORD'] },
    ],
    ['lost altogether', [], { lost: 100 }],
  ])('finds legs that were %s', (_what, runs, fault) => {
    const verdict = judge(runs);
    expect(verdict).toMatchObject(fault);
    expect(isReaderRight(verdict)).toBe(false);
  });

  it('finds an airport that was never produced', () => {
    const verdict = judgeReader('delays', new Map(), new Map([['XXX', [{ first: 1, last: 1 }]]]));
    expect(isReaderRight(verdict)).toBe(false);
  });
});

describe('consecutiveLegs', () => {
  it('keeps the order, and shows gaps, repeats and swaps as new runs', () => {
    expect(consecutiveLegs([1, 2, 3, 5, 5, 4].map((leg) => ({ leg })))).toEqual(['1-3', '5-5', '5-5', '4-4']);
  });
});
