import { byConstruct, byRule, byRuntime, leftOpen, practice, type Practice } from './practice.js';

const STREAM = 'test/cdk/stream/sharded-stream.test.ts';
const CAPACITY = 'test/cdk/stream/stream-capacity.test.ts';

/** Practices on streams. */
export const KINESIS_PRACTICES: readonly Practice[] = [
  practice(
    'KDS-01',
    'Encrypted at rest',
    byRule('stream-encryption'),
    byConstruct(
      'with the key of AWS, or one of yours',
      `${STREAM} › scales by itself, keeps a week, and is encrypted in every Region`,
    ),
  ),
  practice(
    'KDS-02',
    'A key of yours where another account reads, and the free one of AWS where none does',
    byRule('stream-sharing'),
    byConstruct(
      'shares only what is under a key of yours',
      `${CAPACITY} › rejects what is no account, and a stream under the key of AWS`,
    ),
    leftOpen('no rule against a key of yours on a stream that nobody shares: auditors ask for it'),
  ),
  practice(
    'KDS-03',
    'Keeps records for a week',
    byRule('stream-retention'),
    byConstruct('7 days', `${STREAM} › scales by itself, keeps a week, and is encrypted in every Region`),
  ),
  practice(
    'KDS-04',
    'Keeps records longer than the longest outage and the time an alarm takes',
    byRule('stream-lag-alarm'),
    byConstruct(
      'takes the outage, and keeps records twice as long',
      `${CAPACITY} › keeps records twice as long, and rings at half of that`,
    ),
  ),
  practice(
    'KDS-05',
    'The capacity mode is said, and no shards with it on demand',
    byRule('stream-mode'),
    byConstruct('one prop for both', `${STREAM} › has the shards it is given`),
  ),
  practice(
    'KDS-06',
    'As many shards as bytes, records and reads of the peak need',
    byConstruct(
      'computes them from the load',
      `${CAPACITY} › takes fixed shards for a known load, filled to 70 % at the peak`,
    ),
    leftOpen('no rule: a template does not say how much is put'),
  ),
  practice(
    'KDS-07',
    'A new stream on demand takes 4 MB/s; a steeper start needs warm throughput',
    byConstruct('is warm for the peak', `${CAPACITY} › is warm for the peak where the account is committed`),
    leftOpen('no rule: a template does not say how much is put'),
  ),
  practice(
    'KDS-08',
    'Warm throughput on demand only, in an account with the commitment',
    byRule('stream-mode'),
    byConstruct(
      'warns with the command that commits',
      `${CAPACITY} › keeps an on-demand stream warm, and warns of the account’s part`,
    ),
  ),
  practice(
    'KDS-09',
    'The mode changes twice in 24 hours at most',
    leftOpen(
      'a template does not know when it was deployed before; Kinesis refuses the third change and CloudFormation rolls back',
    ),
  ),
  practice(
    'KDS-10',
    'Enhanced fan-out from the third reader on, or where latency asks for it',
    byConstruct('warns of the third that shares', `${CAPACITY} › are warned of from the third on, once`),
    leftOpen('the rule of KDS-12 speaks at six: three slow readers of a small stream are well'),
  ),
  practice(
    'KDS-11',
    '20 consumers of a stream at most, 50 on demand with Advantage',
    byRule('consumer-count'),
  ),
  practice(
    'KDS-12',
    'Readers that share a shard have 5 reads and 2 MB a second together',
    byRule('stream-readers'),
    byRuntime(
      'reads each shard within its share',
      'test/core/stream/lane-board.test.ts › keeps within the limits of its shard and slows down when throttled',
    ),
  ),
  practice(
    'KDS-13',
    'Large records only where every reader can take them',
    byRule('stream-record-size'),
    byConstruct(
      'warns of an archive of them',
      'test/cdk/stream/stream-archive.test.ts › warns of records that are larger than Firehose surely takes',
    ),
  ),
  practice(
    'KDS-14',
    'A record distribution strategy on demand only; AUTO gives up the order per key',
    byRule('stream-mode'),
    byConstruct(
      'never sets it: our producers and readers keep the order of a key',
      'test/cdk/practices.test.ts › leave it to the partition key which records go together',
    ),
  ),
  practice(
    'KDS-15',
    'Metrics per shard where keys may be skewed',
    byConstruct(
      'rings by the sum of refused puts, which shows a hot shard without them',
      `${STREAM} › rings by the sum of refused puts: their average hides a hot shard`,
    ),
    leftOpen('no rule: they cost per shard; `stream.stream` takes them where you look for one'),
  ),
  practice(
    'KDS-16',
    'An alarm on the age of the oldest unread record, relative to the retention, with the stream’s name',
    byRule('stream-lag-alarm', 'alarm-dimensions'),
    byConstruct('rings at half', `${STREAM} › rejects an alarm that would ring after the records are gone`),
  ),
  practice(
    'KDS-17',
    'Alarms on throttles use the sum',
    byRule('throttle-alarm'),
    byConstruct('does', `${STREAM} › rings by the sum of refused puts: their average hides a hot shard`),
  ),
  practice(
    'KDS-18',
    'An alarm on lag for each consumer of enhanced fan-out',
    byRule('consumer-lag-alarm'),
    byConstruct('makes it', `${STREAM} › registers a consumer for enhanced fan-out, with its own alarm`),
  ),
  practice(
    'KDS-19',
    'Readers with enhanced fan-out may subscribe with their consumer’s ARN',
    byRule('mapping-rights', 'worker-rights'),
    byConstruct(
      'grants it',
      'test/cdk/workers/reader-fargate-worker.test.ts › may do what our reader calls, and write its log',
    ),
  ),
  practice(
    'KDS-20',
    'A permanent copy exists',
    byConstruct(
      'archiveTo',
      'test/cdk/stream/stream-archive.test.ts › writes compressed lines by the hour, and what failed to a folder of its own',
    ),
    leftOpen('no rule: what a stream carries is often worth nothing after a week'),
  ),
  practice(
    'KDS-21',
    'Stays when its stack goes',
    byRule('stream-removal'),
    byConstruct('stays', `${STREAM} › stays when its stack goes, unless said otherwise`),
  ),
  practice(
    'KDS-22',
    'Shared with other accounts by a policy of the stream',
    byRule('stream-sharing'),
    byConstruct(
      'by its policy and its key’s',
      `${CAPACITY} › lets the readers of another account in by policy and key`,
    ),
  ),
  practice(
    'KDS-23',
    'Tagged',
    leftOpen(
      'which tags is your organisation’s matter; `Tags.of(app)` reaches all the constructs make, and Security Hub looks for them',
    ),
  ),
];
