import { defineRecord } from 'millrace/contract';
import { z } from 'zod';

/** Somebody looked at a page. */
export const PageViewed = defineRecord('page.viewed', {
  schema: z.object({ visitor: z.string(), page: z.string(), at: z.number() }),
  key: ({ visitor }) => visitor, // one visitor's views stay in order, and a shard has all of them
});
