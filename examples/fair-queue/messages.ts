import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

/** A tenant wants a page rendered. */
export const PageRequested = defineMessage('page.requested', {
  schema: z.object({ tenant: z.string(), page: z.string() }),
  id: ({ tenant, page }) => `${tenant}/${page}`,
  group: ({ tenant }) => tenant, // on a standard queue: the tenant SQS is fair to
});
