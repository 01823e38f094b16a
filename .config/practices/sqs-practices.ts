import { byConstruct, byRule, byRuntime, leftOpen, practice, type Practice } from './practice.js';

const QUEUE = 'test/cdk/queue/work-queue.test.ts';

/** Practices on queues. */
export const SQS_PRACTICES: readonly Practice[] = [
  practice(
    'SQS-04',
    'TLS only, on the queue and on its dead-letter queue',
    byRule('queue-tls'),
    byConstruct('denies plain HTTP on both', `${QUEUE} › takes TLS only, on both queues`),
  ),
  practice('SQS-05', 'Nobody is let in by a wildcard', byRule('public-policy')),
  practice('SQS-06', 'A service is let in on behalf of one source only', byRule('confused-deputy')),
  practice('SQS-07', 'A queue that is worked on has a dead-letter queue', byRule('queue-dead-letters')),
  practice('SQS-08', 'FIFO dies into FIFO, standard into standard', byRule('dead-letter-type')),
  practice(
    'SQS-10',
    'On a standard queue the dead-letter queue keeps messages longer: the clock runs on from the first send',
    byRule('dead-letter-retention'),
    byConstruct('4 and 14 days', `${QUEUE} › moves messages to a dead-letter queue that keeps them longer`),
  ),
  practice('SQS-16', 'Hidden for six times the function’s timeout and its window', byRule('lambda-retries')),
  practice('SQS-17', 'Hidden for as long as the function may run', byRule('lambda-visibility')),
  practice('SQS-18', 'All receives of a failing message fit into its retention', byRule('retry-time')),
  practice(
    'SQS-19',
    'Pulled with long polls',
    byConstruct('waits 20 s', `${QUEUE} › polls long and encrypts at rest`),
    byRuntime(
      'asks for a long poll itself',
      'test/runtime/sqs/worker.test.ts › trap 38: an idle queue costs one poll per twenty seconds',
    ),
    leftOpen('no rule: the call that receives may ask for it too, and Lambda’s pollers do'),
  ),
];
