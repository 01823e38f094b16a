// Producer of the flights stream: `produce.ts <count>`; says on standard output how far it is.
import { createStreamProducer } from 'millrace/runtime';
import { readFlights } from './dataset.js';
import { FlightLanded } from './records.js';
import { say } from './say.js';

const REPORT_EVERY = 2_000;

const count = Number(process.argv[2]);
if (!Number.isInteger(count) || count < 1)
  throw new Error(`usage: produce.ts <count>, got '${process.argv[2] ?? ''}'`);

const flights = await readFlights(count);
const producer = createStreamProducer({ stream: 'Flights', record: FlightLanded, order: 'per-key' });
let stored = 0;
for (const flight of flights) {
  await producer.ready(); // back-pressure: waits while too many bytes are on their way
  void producer.put(flight).then(onStored, onFailed);
}
await producer.flush();
await producer.stop();
process.stdout.write(`${JSON.stringify({ ...producer.stats(), kind: 'produced', records: stored })}\n`);

function onStored(): void {
  stored += 1;
  if (stored % REPORT_EVERY === 0) say('producing', stored);
}

function onFailed(error: unknown): never {
  throw error; // an unstored flight is a lost one: the process ends with the reason
}
