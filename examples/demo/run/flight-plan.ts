import { readFlights } from '../../flights/dataset.js';

/** What the producer is going to send of one airport. */
export interface PlannedAirport {
  /** Its flights have the legs 1 to this. */
  readonly legs: number;
  readonly delayMinutes: number;
}

/** Reads the data set as the producer does, and counts: the ledger's side of the book. */
export async function planFlights(records: number): Promise<ReadonlyMap<string, PlannedAirport>> {
  const airports = new Map<string, { legs: number; delayMinutes: number }>();
  for (const { origin, delay } of await readFlights(records)) {
    const airport = airports.get(origin) ?? { legs: 0, delayMinutes: 0 };
    airport.legs += 1;
    airport.delayMinutes += delay;
    airports.set(origin, airport);
  }
  return airports;
}
