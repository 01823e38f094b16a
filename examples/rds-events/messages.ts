import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

/** What RDS publishes, in its own words. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.html */
export const rdsEvent = z.looseObject({
  'Event Source': z.string(),
  'Event Time': z.string(),
  'Source ID': z.string(),
  /** An address that ends in `#RDS-EVENT-0049`. */
  'Event ID': z.string(),
  'Event Message': z.string(),
});

/** An event as it comes from RDS. */
export const DatabaseEvent = defineMessage('rds.event', {
  schema: rdsEvent,
  id: (event) => `${event['Source ID']}/${event['Event Time']}`,
});

/** An event as people get it. */
export const DatabaseNotice = defineMessage('database.notice', {
  schema: z.object({ id: z.string(), urgency: z.enum(['urgent', 'fyi']), text: z.string() }),
  id: ({ id }) => id,
  attributes: ({ urgency }) => ({ urgency }),
});
