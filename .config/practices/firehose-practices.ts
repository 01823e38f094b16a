import { byConstruct, byRule, leftOpen, practice, type Practice } from './practice.js';

const ARCHIVE = 'test/cdk/stream/stream-archive.test.ts';
const WRITES = `${ARCHIVE} › writes compressed lines by the hour, and what failed to a folder of its own`;

/** Practices on Firehose. */
export const FIREHOSE_PRACTICES: readonly Practice[] = [
  practice(
    'FH-01',
    'Encrypted while it waits, where no stream hands its encryption on',
    byRule('archive-encryption'),
    byConstruct('reads a stream, which does', `${ARCHIVE} › reads the stream`),
  ),
  practice(
    'FH-02',
    'Objects are encrypted',
    byConstruct(
      'with a key of yours where one is given',
      `${ARCHIVE} › may use the keys of the stream and of the objects`,
    ),
    leftOpen('no rule: S3 encrypts every object since January 2023'),
  ),
  practice(
    'FH-03',
    'What failed lies apart from what is good',
    byRule('archive-errors'),
    byConstruct('in a folder beside it', WRITES),
  ),
  practice(
    'FH-04',
    'Failed deliveries are logged',
    byRule('archive-logging'),
    byConstruct('with a retention', WRITES),
  ),
  practice(
    'FH-05',
    'A buffer of 64 MB at least for columns and for partitions by content',
    byRule('archive-buffer'),
    byConstruct('does neither, and bounds its buffer', `${ARCHIVE} › rejects every violation at once`),
  ),
  practice(
    'FH-06',
    'Records are told apart',
    byConstruct('writes a record a line', WRITES),
    leftOpen('no rule: whether producers end their records themselves is not in a template'),
  ),
  practice(
    'FH-07',
    'Compressed',
    byConstruct('with GZIP', WRITES),
    leftOpen('no rule: it is a matter of money and of who reads the objects'),
  ),
  practice(
    'FH-08',
    'Originals are kept where a transformation can drop records',
    byRule('archive-transform'),
  ),
  practice(
    'FH-09',
    'An alarm on freshness',
    byRule('archive-freshness'),
    byConstruct(
      'makes it',
      `${ARCHIVE} › rings when records wait three times as long as they are buffered, a quarter of an hour at least`,
    ),
  ),
  practice(
    'FH-10',
    'The role is for this account’s Firehose only',
    leftOpen(
      'nobody can hand it to the Firehose of another account: that takes iam:PassRole, which ends at the account; aws-cdk-lib’s own role has no condition, so a rule would find every one of them',
    ),
  ),
];
