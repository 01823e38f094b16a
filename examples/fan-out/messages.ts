// Shared by the stack and the workers. Nothing of AWS is imported here.
import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

/** A customer ordered something. */
export const OrderPlaced = defineMessage('order.placed', {
  schema: z.object({
    order: z.string(),
    customer: z.string(),
    kind: z.enum(['goods', 'voucher']),
    cents: z.int().nonnegative(),
  }),
  id: ({ order }) => order,
  attributes: ({ kind, cents }) => ({ kind, cents }), // what subscribers may filter on
});

/** A customer changed their mind. */
export const OrderCancelled = defineMessage('order.cancelled', {
  schema: z.object({ order: z.string(), customer: z.string(), cents: z.int().nonnegative() }),
  id: ({ order }) => order,
});
