/** What became of the records of a stream, as one reader handled them. */
export interface ReaderVerdict {
  readonly reader: string;
  readonly produced: number;
  readonly handledOnce: number;
  readonly lost: number;
  readonly doubled: number;
  /** Airports with at least one record handled before an earlier one. */
  readonly disorderedAirports: readonly string[];
  /** What else does not add up, e.g. a sum. */
  readonly otherFaults: readonly string[];
}

/** Legs of one airport in the order they were handled, as runs of consecutive numbers. */
export interface LegRun {
  readonly first: number;
  readonly last: number;
}

/** How many flights of each airport were produced: its legs are 1 to this. */
export type ProducedLegs = ReadonlyMap<string, number>;

/** Holds the runs a reader left behind against what was produced. */
export function judgeReader(
  reader: string,
  produced: ProducedLegs,
  runs: ReadonlyMap<string, readonly LegRun[]>,
): ReaderVerdict {
  const airports = [...produced].map(([airport, legs]) =>
    judgeAirport(airport, legs, runs.get(airport) ?? []),
  );
  const strangers = [...runs.keys()].filter((airport) => !produced.has(airport));
  const sum = (count: (airport: AirportVerdict) => number): number =>
    airports.reduce((total, airport) => total + count(airport), 0);
  return {
    reader,
    produced: [...produced.values()].reduce((total, legs) => total + legs, 0),
    handledOnce: sum(({ once }) => once),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    disorderedAirports: airports.filter(({ isOrdered }) => !isOrdered).map(({ airport }) => airport),
    otherFaults: strangers.map((airport) => `airport ${airport} was never produced`),
  };
}

/** Whether every record was handled exactly once, in order. */
export function isReaderRight(verdict: ReaderVerdict): boolean {
  return (
    verdict.handledOnce === verdict.produced &&
    verdict.lost === 0 &&
    verdict.doubled === 0 &&
    verdict.disorderedAirports.length === 0 &&
    verdict.otherFaults.length === 0
  );
}

interface AirportVerdict {
  readonly airport: string;
  readonly once: number;
  readonly lost: number;
  readonly doubled: number;
  readonly isOrdered: boolean;
}

function judgeAirport(airport: string, legs: number, runs: readonly LegRun[]): AirportVerdict {
  const times = new Uint16Array(legs + 1);
  for (const { first, last } of runs) {
    for (let leg = first; leg <= Math.min(last, legs); leg += 1) times[leg] = (times[leg] ?? 0) + 1;
  }
  const handled = times.subarray(1);
  return {
    airport,
    once: handled.filter((count) => count === 1).length,
    lost: handled.filter((count) => count === 0).length,
    doubled: handled.filter((count) => count > 1).length,
    isOrdered: runs.every(({ first }, index) => first > (runs[index - 1]?.last ?? 0)),
  };
}
