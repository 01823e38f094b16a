import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { consecutiveLegs } from './legs.js';

/** DynamoDB takes 100 items in a transaction, and the reader's position is one of them. */
export const MAX_AIRPORTS = 99;

/** Flights of one airport, in their order. */
export type Flights = readonly { readonly delay: number; readonly leg: number }[];

/** Adds flights to the row of their airport. Adding is not idempotent: only the position in the same transaction keeps it right. */
export function addFlights(table: string, airport: string, flights: Flights): TransactWriteItem {
  const delay = flights.reduce((minutes, flight) => minutes + flight.delay, 0);
  return {
    Update: {
      TableName: table,
      Key: { airport: { S: airport } },
      // `legs` grows by the runs of legs in the order they were counted: a gap, a repeat or a swap stays visible.
      UpdateExpression:
        'ADD flights :flights, delayMinutes :delay SET legs = list_append(if_not_exists(legs, :none), :legs)',
      ExpressionAttributeValues: {
        ':flights': { N: String(flights.length) },
        ':delay': { N: String(delay) },
        ':none': { L: [] },
        ':legs': { L: consecutiveLegs(flights).map((run) => ({ S: run })) },
      },
    },
  };
}
