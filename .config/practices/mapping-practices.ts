import { byConstruct, byRule, byRuntime, leftOpen, practice, type Practice } from './practice.js';

const WORKER = 'test/cdk/queue/work-queue.test.ts';
const READER = 'test/cdk/stream/lambda-stream-reader.test.ts';
const GIVES_UP = `${READER} › halves failing batches, gives up in the end, and keeps what was given up`;

/** Practices on Lambda event source mappings. */
export const MAPPING_PRACTICES: readonly Practice[] = [
  practice(
    'ESM-01',
    'A function reports the messages that failed, not the batch',
    byRule('lambda-partial-batches'),
    byConstruct(
      'does',
      `${WORKER} › reports single failures, caps concurrency at the mapping, and hands over the binding`,
    ),
    byRuntime(
      'names those that failed',
      'test/runtime/lambda/lambda-handler.test.ts › trap 22: reports the rest of a FIFO group without running it, to be seen when the failed one is',
    ),
  ),
  practice(
    'ESM-02',
    'Concurrency is capped at the mapping, not by reserved concurrency alone',
    byRule('mapping-concurrency'),
    byConstruct(
      'maxConcurrency',
      `${WORKER} › reports single failures, caps concurrency at the mapping, and hands over the binding`,
    ),
  ),
  practice('ESM-03', 'As much is reserved as all mappings may ask for', byRule('mapping-concurrency')),
  practice('ESM-04', 'A cap or pollers of its own, never both', byRule('mapping-scaling')),
  practice(
    'ESM-05',
    'Two pollers at least, where the ramp of the others is too slow',
    byRule('mapping-scaling'),
    leftOpen('how fast is fast enough is not in a template'),
  ),
  practice(
    'ESM-06',
    'More than 10 messages a batch need a window; FIFO takes neither',
    byRule('mapping-batch'),
    byConstruct('refuses both', `${WORKER} › rejects every wrong option at once`),
  ),
  practice(
    'ESM-07',
    'A batch fits into an invocation of 6 MB',
    byRule('stream-record-size'),
    leftOpen(
      'no rule for batches: Lambda closes a batch that would not fit, so nothing is lost, and by default every queue takes ten times 1 MiB',
    ),
  ),
  practice(
    'ESM-08',
    'What a reader of a stream gives up goes somewhere',
    byRule('stream-retries'),
    byConstruct('into a queue or a bucket', GIVES_UP),
  ),
  practice(
    'ESM-09',
    'A reader of a stream gives up in the end, and halves its batch before',
    byRule('stream-retries'),
    byConstruct('both', GIVES_UP),
  ),
  practice(
    'ESM-10',
    'It gives records up before the stream deletes them',
    byRule('stream-record-age'),
    byConstruct(
      'at half the retention',
      `${READER} › gives up at the age that is asked for, and at half a short retention`,
    ),
  ),
  practice(
    'ESM-11',
    'A new reader starts at the oldest record, unless said otherwise',
    byRule('stream-start'),
    byConstruct('does', GIVES_UP),
  ),
  practice(
    'ESM-12',
    'One to ten batches of a shard at once, in order per key',
    byConstruct('refuses more', `${READER} › rejects every violation at once`),
    leftOpen('no rule: CloudFormation refuses what is out of range, and order per key holds at any'),
  ),
  practice(
    'ESM-13',
    'Metrics of the mapping are on',
    leftOpen('they cost, and the alarms on age, lag and dead letters ring without them'),
  ),
  practice(
    'ESM-14',
    'Filters that tell secrets are encrypted',
    leftOpen(
      'whether a filter tells one is not in a template; the constructs put names of message types and attributes into filters only',
    ),
  ),
  practice(
    'ESM-15',
    'Nobody asks for an asynchronous dead-letter queue of a function that only polls',
    byConstruct(
      'neither do the checks',
      'test/cdk/checks/left-alone.test.ts › ask no dead-letter queue of a function that a queue feeds',
    ),
  ),
  practice(
    'ESM-16',
    'The worker is idempotent',
    byConstruct(
      'a table on request',
      `${WORKER} › makes an idempotency table on request, that expires its records`,
    ),
    byRuntime(
      'by business id',
      'test/runtime/hosts/semantics.test.ts › trap 25: has each effect exactly once and suppresses copies, whose SQS ids are others',
    ),
    leftOpen('no rule: what a function does with a copy is in its code'),
  ),
  practice('ESM-17', 'A function that feeds itself is stopped', byRule('recursive-loop')),
];
