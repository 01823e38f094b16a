import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

/** Something happened to an account, and what came before it matters. */
export const AccountChanged = defineMessage('account.changed', {
  schema: z.object({
    change: z.string(),
    account: z.string(),
    /** Negative when money left. */
    cents: z.int(),
  }),
  id: ({ change }) => change,
  group: ({ account }) => account, // one account's changes stay in order, and no account waits for another
});
