import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

/** The body of the webhook. */
export const paymentEvent = z.object({
  id: z.string().min(1).max(128),
  payment: z.string(),
  state: z.enum(['authorized', 'captured', 'refunded', 'failed']),
});

/** What a payment provider tells of a payment. */
export const PaymentEvent = defineMessage('payment.event', {
  schema: paymentEvent,
  id: ({ id }) => id, // the provider's own: it sends an event again until it gets an answer
});
