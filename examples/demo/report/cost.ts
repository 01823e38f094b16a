import { costOf, PRICES, type PriceName } from 'millrace/contract';
import type { FlightsOutcome } from '../run/flights-run.js';
import type { MeteredCalls } from './call-meter.js';
import type { CostLine } from './model.js';

const PUT_UNIT = 25 * 1_024;
const SECONDS_PER_HOUR = 3_600;

/** What the run used, as far as AWS bills it. */
export interface Usage {
  readonly calls: readonly MeteredCalls[];
  readonly flights: FlightsOutcome;
  readonly openShards: number;
  readonly streamSeconds: number;
}

/** The bill of the run at list price. Transactions are two units an item, assuming items of at most 1 KiB. */
export function priceRun({ calls, flights, openShards, streamSeconds }: Usage): CostLine[] {
  const sum = (
    service: string,
    wanted: (call: MeteredCalls) => boolean,
    of: (call: MeteredCalls) => number,
  ): number =>
    calls
      .filter((call) => call.service === service && wanted(call))
      .reduce((total, call) => total + of(call), 0);
  const isPublish = ({ operation }: MeteredCalls): boolean => operation.startsWith('Publish');
  const isTransaction = ({ operation }: MeteredCalls): boolean => operation.startsWith('TransactWrite');
  const isWrite = ({ operation }: MeteredCalls): boolean =>
    /^(Put|Update|Delete|BatchWrite)Item/.test(operation);
  const isRead = ({ operation }: MeteredCalls): boolean =>
    /^(Get|BatchGet|TransactGet)Item|^(Query|Scan)$/.test(operation);
  const putUnits =
    flights.kinesisRecords * Math.ceil(flights.bytes / Math.max(1, flights.kinesisRecords) / PUT_UNIT);
  return [
    line(
      'SQS standard requests',
      'sqs.standard.request',
      sum(
        'sqs',
        ({ isFifo }) => !isFifo,
        ({ chunks }) => chunks,
      ),
    ),
    line(
      'SQS FIFO requests',
      'sqs.fifo.request',
      sum(
        'sqs',
        ({ isFifo }) => isFifo,
        ({ chunks }) => chunks,
      ),
    ),
    line(
      'SNS standard publishes',
      'sns.standard.publish',
      sum(
        'sns',
        (call) => isPublish(call) && !call.isFifo,
        ({ chunks }) => chunks,
      ),
    ),
    line(
      'SNS FIFO messages',
      'sns.fifo.publish',
      sum(
        'sns',
        (call) => isPublish(call) && call.isFifo,
        ({ entries }) => entries,
      ),
    ),
    line(
      'SNS FIFO payload, bytes',
      'sns.fifo.publishedBytes',
      sum(
        'sns',
        (call) => isPublish(call) && call.isFifo,
        ({ size }) => size,
      ),
    ),
    line(
      'SNS FIFO deliveries',
      'sns.fifo.delivery',
      sum(
        'sns',
        (call) => isPublish(call) && call.isFifo,
        ({ entries }) => entries,
      ),
    ),
    line('Kinesis shard hours', 'kinesis.shardHour', (openShards * streamSeconds) / SECONDS_PER_HOUR),
    line('Kinesis put units of 25 KiB', 'kinesis.putUnit', putUnits),
    line(
      'DynamoDB write units, transactions',
      'dynamodb.write',
      2 * sum('dynamodb', isTransaction, ({ entries }) => entries),
    ),
    line(
      'DynamoDB write units, single',
      'dynamodb.write',
      sum('dynamodb', isWrite, ({ calls: count }) => count),
    ),
    line(
      'DynamoDB read units',
      'dynamodb.read',
      sum('dynamodb', isRead, ({ calls: count }) => count),
    ),
  ];
}

/** Adds a last line with the sum. */
export function withTotal(lines: readonly CostLine[]): CostLine[] {
  return [...lines, { what: 'together', units: 0, usd: lines.reduce((total, { usd }) => total + usd, 0) }];
}

function line(what: string, price: PriceName, units: number): CostLine {
  return {
    what: `${what} (${PRICES[price].usd} USD per ${PRICES[price].per.toLocaleString('en-US')})`,
    units,
    usd: costOf(price, units),
  };
}
