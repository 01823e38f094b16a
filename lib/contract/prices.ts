/** A list price: USD per `per` units in us-east-1, without free tiers, and where and when it was read. */
export interface Price {
  /** US dollars for `per` units, before discounts and the free tier. */
  readonly usd: number;
  /** How many units the price is for, e.g. 1000000. */
  readonly per: number;
  /** What is charged: requests, GB, shard hours … */
  readonly unit: string;
  /** The price list it was read from. */
  readonly source: string;
  /** Day it was read, ISO. */
  readonly asOf: string;
}

const price = (usd: number, per: number, unit: string, source: string, asOf: string): Price =>
  Object.freeze({ usd, per, unit, source, asOf });

const MILLION = 1_000_000;
const GIB = 1_073_741_824;

/** First-tier list prices of what millrace uses. Requests of SQS and SNS are billed per 64 KiB of payload. */
export const PRICES = Object.freeze({
  'sqs.standard.request': price(
    0.4,
    MILLION,
    'requests',
    'https://aws.amazon.com/sqs/pricing/',
    '2026-08-21',
  ),
  'sqs.fifo.request': price(0.5, MILLION, 'requests', 'https://aws.amazon.com/sqs/pricing/', '2026-08-21'),
  'sns.standard.publish': price(
    0.5,
    MILLION,
    'requests',
    'https://aws.amazon.com/sns/pricing/',
    '2026-09-06',
  ),
  'sns.fifo.publish': price(0.3, MILLION, 'messages', 'https://aws.amazon.com/sns/pricing/', '2026-09-06'),
  'sns.fifo.publishedBytes': price(0.017, GIB, 'bytes', 'https://aws.amazon.com/sns/pricing/', '2026-09-06'),
  'sns.fifo.delivery': price(
    0.01,
    MILLION,
    'subscription messages',
    'https://aws.amazon.com/sns/pricing/',
    '2026-09-06',
  ),
  'kinesis.shardHour': price(
    0.015,
    1,
    'shard hours',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.putUnit': price(
    0.014,
    MILLION,
    '25 KiB put units',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.extendedRetentionShardHour': price(
    0.02,
    1,
    'shard hours kept for 24 hours to 7 days',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.consumerShardHour': price(
    0.015,
    1,
    'consumer shard hours',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.consumerBytes': price(
    0.013,
    GIB,
    'bytes',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.longTermBytesMonth': price(
    0.023,
    GIB,
    'bytes kept for a month beyond 7 days',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.onDemand.streamHour': price(
    0.04,
    1,
    'stream hours',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.onDemand.bytesIn': price(
    0.08,
    GIB,
    'bytes, each record rounded up to 1 KiB',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.onDemand.bytesOut': price(
    0.04,
    GIB,
    'bytes per reader',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.onDemand.consumerBytes': price(
    0.05,
    GIB,
    'bytes per consumer',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.onDemand.retentionBytesMonth': price(
    0.1,
    GIB,
    'bytes kept for a month, from 24 hours to 7 days',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-08-21',
  ),
  'kinesis.advantage.bytesIn': price(
    0.032,
    GIB,
    'bytes, each record rounded up to 1 KiB',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-03-09',
  ),
  'kinesis.advantage.bytesOut': price(
    0.016,
    GIB,
    'bytes per reader or consumer',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-03-09',
  ),
  'kinesis.advantage.retentionBytesMonth': price(
    0.023,
    GIB,
    'bytes kept for a month beyond 24 hours',
    'https://aws.amazon.com/kinesis/data-streams/pricing/',
    '2026-03-09',
  ),
  'dynamodb.write': price(
    0.625,
    MILLION,
    'write request units',
    'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    '2026-08-21',
  ),
  'dynamodb.read': price(
    0.125,
    MILLION,
    'read request units',
    'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    '2026-08-21',
  ),
} satisfies Record<string, Price>);

/** Name of a price. */
export type PriceName = keyof typeof PRICES;

/** What `units` of something cost at list price, in USD. */
export const costOf = (name: PriceName, units: number): number =>
  (PRICES[name].usd * units) / PRICES[name].per;
