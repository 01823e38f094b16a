import { createPublisher, type Publisher } from 'millrace/runtime';
import { ReportMade } from './messages.js';

/** Publishes reports to everybody: the bucket and the threshold come with the topic's binding. */
export function openReports(): Publisher {
  return createPublisher({
    topic: 'Reports',
    messages: [ReportMade],
    claimCheck: { compression: 'gzip' }, // leave it out where consumers use AWS's extended clients
  });
}
