import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { ProducedRecordOf } from 'millrace/contract';
import type { FlightLanded } from './records.js';

/** A flight as the producer gives it. */
export type Flight = ProducedRecordOf<typeof FlightLanded>;

const row = z.object({
  date: z.date(),
  delay: z.coerce.number(),
  distance: z.coerce.number(),
  origin: z.string(),
  destination: z.string(),
});

/** The first `count` of the three million flights of vega-datasets, each numbered within its origin airport. */
export async function readFlights(count: number): Promise<Flight[]> {
  const entry = createRequire(import.meta.url).resolve('vega-datasets'); // …/vega-datasets/build/index.js
  const file = await asyncBufferFromFile(join(dirname(entry), '..', 'data', 'flights-3m.parquet'));
  const rows = await parquetReadObjects({ file, compressors, rowStart: 0, rowEnd: count });
  const legs = new Map<string, number>();
  return rows.map((raw) => {
    const { date, ...flight } = row.parse(raw);
    const leg = (legs.get(flight.origin) ?? 0) + 1;
    legs.set(flight.origin, leg);
    return { ...flight, date: date.getTime(), leg };
  });
}
