import { createQueueWorker, on, type QueueWorker } from 'millrace/runtime';
import { ReportMade } from './messages.js';

/** A worker of one of the queues: it gets whole reports, wherever they were on the way. */
export function openWorker(
  queue: 'Archive' | 'Index' | 'Prints',
  keep: (report: string, rows: number) => void,
): QueueWorker {
  return createQueueWorker({
    queue,
    idempotency: 'lease',
    concurrency: 4, // each handler may hold a payload in memory
    handlers: [on(ReportMade, ({ report, rows }) => keep(report, rows.length))],
  });
}
