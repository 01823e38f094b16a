import { createStreamReader, type StreamReader } from 'millrace/runtime';
import { PageViewed } from './records.js';

/** Views within a second that no human has. */
const VIEWS = 20;

/** Reader `bots`: visitors who are too quick. To find one twice does no harm, so the checkpoint may lag behind. */
export function openBots(TableName: string): StreamReader {
  const seen = new Map<string, { second: number; views: number }>();
  return createStreamReader({
    stream: 'Views',
    reader: 'bots',
    record: PageViewed,
    handler: async (records, context) => {
      const found = new Set<string>();
      for (const { data } of records) {
        const second = Math.floor(data.at / 1_000);
        const last = seen.get(data.visitor);
        const views = last?.second === second ? last.views + 1 : 1;
        seen.set(data.visitor, { second, views });
        if (views === VIEWS) found.add(data.visitor);
      }
      const puts = [...found].map((visitor) => ({
        Put: { TableName, Item: { pk: { S: `bot ${visitor}` } } },
      }));
      if (puts.length > 0) await context.commit(puts);
      forgetOldest(seen);
    },
  });
}

/** A map keeps its order, so the first are the oldest. */
function forgetOldest(seen: Map<string, unknown>): void {
  for (const visitor of seen.keys()) {
    if (seen.size <= 100_000) return;
    seen.delete(visitor);
  }
}
