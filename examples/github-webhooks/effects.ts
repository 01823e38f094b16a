import type { TransactionWrite } from 'millrace/runtime';

/** What the effect of one handled delivery says of it. */
export interface Delivery {
  readonly delivery: string;
  readonly subject: string;
}

/**
 * The effect of handling a delivery, written so that doing it twice shows: the row of a subject lists its deliveries in the
 * order they took effect. Appending is not idempotent, and that is the point: only the inbox record keeps it right.
 */
export function recordEffect(
  table: string,
  queue: string,
  { delivery, subject }: Delivery,
): TransactionWrite {
  return {
    Update: {
      TableName: table,
      Key: { pk: { S: `${queue}#${subject}` } },
      UpdateExpression: 'SET deliveries = list_append(if_not_exists(deliveries, :none), :delivery)',
      ExpressionAttributeValues: { ':none': { L: [] }, ':delivery': { L: [{ S: delivery }] } },
    },
  };
}
