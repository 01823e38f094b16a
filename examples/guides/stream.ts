import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
// #region imports
import { createStreamProducer, createStreamReader } from 'millrace/runtime';
// #endregion imports
import type { RecordOf } from 'millrace/contract';
import type { StreamPosition, StreamReader } from 'millrace/runtime';
import { FlightLanded } from '../flights/records.js';

/** Programs of docs/stream.md; test/examples/guides-stream.test.ts runs them. */
type Flight = RecordOf<typeof FlightLanded>;

function rowOf(table: string, { origin, leg, delay }: Flight): TransactWriteItem {
  return {
    Put: { TableName: table, Item: { flight: { S: `${origin} ${leg}` }, delay: { N: String(delay) } } },
  };
}

export async function readDelays(table: string, onRunning: (reader: StreamReader) => void): Promise<void> {
  // #region reader
  const reader = createStreamReader({
    stream: 'Flights',
    reader: 'delays',
    record: FlightLanded,
    batchSize: 99, // a transaction takes 100 items, and the position is one of them
    handler: async (records, context) => {
      await context.commit(records.map(({ data }) => rowOf(table, data))); // the rows and the position, or neither
    },
  });
  const running = reader.run(); // resolves after SIGTERM, SIGINT or stop()
  // #endregion reader
  onRunning(reader);
  await running;
}

export async function putFlight(flight: Flight): Promise<StreamPosition> {
  // #region producer
  const producer = createStreamProducer({ stream: 'Flights', record: FlightLanded, order: 'per-key' });
  const position = await producer.put(flight); // Kinesis has it: shard and sequence number
  await producer.stop();
  // #endregion producer
  return position;
}
