import { createStreamReader, type StreamReader } from 'millrace/runtime';
import { PageViewed } from './records.js';

/** One transaction takes a hundred items, and the reader's own position is one of them. */
const MOST_PAGES = 99;

/** Reader `pages`: how often each page was viewed, every view counted once in effect. */
export function openPages(TableName: string): StreamReader {
  return createStreamReader({
    stream: 'Views',
    reader: 'pages',
    record: PageViewed,
    idlePollMs: 10_000, // numbers for a dashboard: the rarer the reads, the more views share a write
    handler: async (records, context) => {
      for (let start = 0; start < records.length;) {
        const counts = new Map<string, number>();
        let end = start;
        for (; end < records.length && counts.size < MOST_PAGES; end += 1) {
          const page = records[end]?.data.page ?? '';
          counts.set(page, (counts.get(page) ?? 0) + 1);
        }
        const through = records[end - 1]?.position;
        // The counts and the position in the stream in one transaction: a crash leaves both or neither.
        await context.commit(
          [...counts].map(([page, count]) => addViews(TableName, page, count)),
          through && { through },
        );
        start = end;
      }
    },
  });
}

const addViews = (TableName: string, page: string, count: number) => ({
  Update: {
    TableName,
    Key: { pk: { S: `page ${page}` } },
    UpdateExpression: 'ADD #views :count',
    ExpressionAttributeNames: { '#views': 'views' },
    ExpressionAttributeValues: { ':count': { N: String(count) } },
  },
});
