import { defineMessage } from 'millrace/contract';
import { z } from 'zod';

/** A report of any size: what is too large for a message waits in S3. */
export const ReportMade = defineMessage('report.made', {
  schema: z.object({ report: z.string(), rows: z.array(z.string()) }),
  id: ({ report }) => report,
});
