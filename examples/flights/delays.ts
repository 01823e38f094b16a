// Reader `delays`: flights and minutes of delay per origin airport, in DynamoDB.
import type { RecordOf } from 'millrace/contract';
import { createStreamReader } from 'millrace/runtime';
import { addFlights, MAX_AIRPORTS, type Flights } from './airport-table.js';
import { FlightLanded } from './records.js';
import { say } from './say.js';

const table = process.env.AIRPORTS_TABLE;
if (table === undefined) throw new Error('usage: AIRPORTS_TABLE=<table> delays.ts');

const reader = createStreamReader({
  stream: 'Flights',
  reader: 'delays',
  record: FlightLanded,
  failoverMs: 3_000, // short, so that a killed reader's shards wait only briefly
  handler: async (records, context) => {
    say('dispatched', records.length);
    for (let start = 0; start < records.length;) {
      const { airports, end } = takeAirports(records, start);
      const through = records[end - 1]?.position;
      // The aggregates and the position in the stream in one transaction: a crash leaves both or neither.
      await context.commit(
        [...airports].map(([airport, flights]) => addFlights(table, airport, flights)),
        through === undefined ? {} : { through },
      );
      say('handled', end - start);
      start = end;
    }
  },
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
await reader.run();

interface Landed {
  readonly data: RecordOf<typeof FlightLanded>;
}

/** The records from `start` on by airport, as many as one transaction has room for. */
function takeAirports(
  records: readonly Landed[],
  start: number,
): { airports: Map<string, Flights>; end: number } {
  const airports = new Map<string, RecordOf<typeof FlightLanded>[]>();
  let end = start;
  for (; end < records.length; end += 1) {
    const flight = records[end]?.data;
    if (flight === undefined) break;
    const flights = airports.get(flight.origin);
    if (flights !== undefined) flights.push(flight);
    else if (airports.size < MAX_AIRPORTS) airports.set(flight.origin, [flight]);
    else break;
  }
  return { airports, end };
}
