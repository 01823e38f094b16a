import { paginateScan, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LegRun } from './stream-ledger.js';

/** What reader `delays` wrote of one airport. */
export interface AirportRow {
  readonly flights: number;
  readonly delayMinutes: number;
  readonly runs: readonly LegRun[];
}

type Row = Readonly<Record<string, AttributeValue>>;

/** Per queue, the deliveries of each subject in the order their effects were written. */
export async function readQueueEffects(
  client: DynamoDBClient,
  table: string,
): Promise<Map<string, Map<string, string[]>>> {
  const queues = new Map<string, Map<string, string[]>>();
  for (const row of await scan(client, table)) {
    const [queue = '', subject = ''] = (row.pk?.S ?? '').split(/#(.*)/s);
    const subjects = queues.get(queue) ?? new Map<string, string[]>();
    subjects.set(
      subject,
      (row.deliveries?.L ?? []).map((delivery) => delivery.S ?? ''),
    );
    queues.set(queue, subjects);
  }
  return queues;
}

/** Per airport, what `delays` aggregated. */
export async function readAirports(client: DynamoDBClient, table: string): Promise<Map<string, AirportRow>> {
  const rows = await scan(client, table);
  return new Map(
    rows.map((row) => [
      row.airport?.S ?? '',
      {
        flights: Number(row.flights?.N ?? 0),
        delayMinutes: Number(row.delayMinutes?.N ?? 0),
        runs: (row.legs?.L ?? []).map((run) => parseRun(run.S ?? '')),
      },
    ]),
  );
}

async function scan(client: DynamoDBClient, table: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
    rows.push(...(page.Items ?? []));
  return rows;
}

function parseRun(text: string): LegRun {
  const [first = NaN, last = NaN] = text.split('-').map(Number);
  return { first, last };
}
