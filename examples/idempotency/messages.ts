import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

export const PaymentSettled = defineMessage('payment.settled', {
  schema: z.object({ id: z.string(), cents: z.number().int() }),
  id: (payment) => payment.id,
});

export const PaymentBooked = defineMessage('payment.booked', {
  schema: z.object({ id: z.string() }),
  id: (payment) => payment.id,
});
