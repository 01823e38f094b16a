import { byConstruct, byRule, leftOpen, practice, type Practice } from './practice.js';

const POSTURES = 'test/cdk/posture/postures.test.ts';
const KCL =
  'test/cdk/workers/reader-fargate-worker.test.ts › has KCL’s tables and index, and no right to make tables';
const LEASES = 'test/cdk/stream/sharded-stream.test.ts › makes a lease table with its one key';
const OWN_TABLES =
  'test/cdk/practices.test.ts › have a lease table each, which can be restored to any second of 35 days';

/** Practices on tables of leases and idempotency. */
export const DYNAMODB_PRACTICES: readonly Practice[] = [
  practice('DDB-01', 'On demand', byRule('table-billing'), byConstruct('does', LEASES)),
  practice(
    'DDB-02',
    'Made by the stack; the program may not make tables',
    byConstruct(
      'both',
      KCL,
      'test/cdk/workers/reader-fargate-worker.test.ts › may do what our reader calls, and write its log',
    ),
    leftOpen('no rule: a right that is too wide loses nothing'),
  ),
  practice(
    'DDB-03',
    'What the version of the Kinesis Client Library needs: tables, index, rights on the index',
    byConstruct('leaseFormat: KCL', KCL),
    leftOpen('no rule: the version is in the program’s image'),
  ),
  practice(
    'DDB-04',
    'Idempotency records expire',
    byRule('idempotency-expiry'),
    byConstruct(
      'does',
      'test/cdk/queue/work-queue.test.ts › makes an idempotency table on request, that expires its records',
    ),
  ),
  practice(
    'DDB-05',
    'Point-in-time recovery is on',
    byConstruct('35 days', OWN_TABLES),
    leftOpen('no rule: scanners look for it on every table'),
  ),
  practice(
    'DDB-06',
    'Protected from deletion',
    byConstruct(
      'under posture regulated',
      `${POSTURES} › keeps everything that leaves the stack, and protects tables`,
    ),
    leftOpen('no rule: scanners look for it on every table'),
  ),
  practice(
    'DDB-07',
    'Each reader has a lease table of its own',
    byConstruct('one per reader', OWN_TABLES),
    leftOpen('no rule: a program of others has its table’s name in its code'),
  ),
  practice(
    'DDB-08',
    'Tables go when their reader does',
    byConstruct(
      'with their stack',
      `${POSTURES} › makes no key, and everything but the stream goes with its stack`,
    ),
    leftOpen('no rule: nobody knows that a table has no reader'),
  ),
];
