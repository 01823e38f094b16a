import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

/** Both teams have this declaration, as a package of their own. */
export const InvoiceIssued = defineMessage('invoice.issued', {
  schema: z.object({ invoice: z.string(), country: z.string().length(2), cents: z.int() }),
  id: ({ invoice }) => invoice,
  attributes: ({ country }) => ({ country }),
});
