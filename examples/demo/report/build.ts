import type { Deployment } from 'millrace/testing';
import { isQueueRight, type QueueVerdict } from '../ledger/queue-ledger.js';
import { isReaderRight, type ReaderVerdict } from '../ledger/stream-ledger.js';
import { buildWebhooks, triageWebhooks } from '../../github-webhooks/messages.js';
import type { DemoOptions } from '../options.js';
import type { FlightsOutcome } from '../run/flights-run.js';
import type { QueueName, WebhookPlan } from '../run/webhook-plan.js';
import type { WebhooksOutcome } from '../run/webhooks-run.js';
import type { MeteredCalls } from './call-meter.js';
import { priceRun, withTotal } from './cost.js';
import type { CallCount, DemoReport, Incident, QueueReport, ReaderReport } from './model.js';

/** Shards of the stream; a split and a merge leave their number as it was. */
const SHARDS = 4;

/** Everything the run left behind. */
export interface RunResults {
  readonly options: DemoOptions;
  readonly startedAt: string;
  readonly seconds: number;
  readonly phases: DemoReport['phases'];
  readonly incidents: readonly Incident[];
  readonly webhookPlan: WebhookPlan;
  readonly webhooks: WebhooksOutcome;
  readonly webhookCalls: readonly MeteredCalls[];
  readonly flights: FlightsOutcome;
  readonly flightCalls: readonly MeteredCalls[];
  readonly deployment: Deployment;
  readonly verdicts: {
    readonly queues: readonly QueueVerdict[];
    readonly readers: readonly ReaderVerdict[];
    readonly otherFaults: readonly string[];
  };
}

/** Puts the report together. It is right only if every ledger is and nothing else went wrong. */
export function buildReport(results: RunResults): DemoReport {
  const { options, verdicts, flights, webhookCalls, flightCalls, phases } = results;
  const streamSeconds = phases.find(({ name }) => name === 'flights')?.seconds ?? 0;
  const calls = [...webhookCalls, ...flightCalls];
  const isRight =
    verdicts.queues.every(isQueueRight) &&
    verdicts.readers.every(isReaderRight) &&
    verdicts.otherFaults.length === 0;
  return {
    seed: options.seed,
    startedAt: results.startedAt,
    seconds: results.seconds,
    phases,
    queues: verdicts.queues.map((verdict) => queueReport(verdict, results)),
    stream: {
      produced: options.records,
      kinesisRecords: flights.kinesisRecords,
      bytes: flights.bytes,
      readers: verdicts.readers.map((verdict) => readerReport(verdict, flights)),
    },
    incidents: results.incidents,
    calls: countCalls(results),
    cost: withTotal(priceRun({ calls, flights, openShards: SHARDS, streamSeconds })),
    notCreated: countTypes(results.deployment),
    otherFaults: verdicts.otherFaults,
    isRight,
  };
}

function queueReport(verdict: QueueVerdict, { webhookPlan: plan, webhooks }: RunResults): QueueReport {
  const { queue } = verdict;
  const counts = webhooks.counts[queue];
  return {
    ...verdict,
    published: publishedFor(queue, plan),
    delivered: counts.delivered.size,
    duplicatesSuppressed: counts.duplicates,
    redelivered: counts.redelivered.size,
  };
}

function publishedFor(queue: QueueName, plan: WebhookPlan): number {
  const messages = { Builds: buildWebhooks, Triage: triageWebhooks, Audit: undefined }[queue];
  const typed = plan.publishes.filter(({ message }) => messages?.includes(message) ?? true).length;
  return typed + plan.poison.filter((poison) => poison.queue === queue).length;
}

function readerReport(verdict: ReaderVerdict, { handed, killed }: FlightsOutcome): ReaderReport {
  const total = verdict.reader === 'delays' ? handed.delays : handed.archive;
  return {
    ...verdict,
    redelivered: Math.max(0, total - verdict.produced),
    isKilled: verdict.reader === killed,
  };
}

function countCalls({ webhookPlan: plan, webhookCalls, flightCalls, options }: RunResults): CallCount[] {
  // Each webhook is published to both topics.
  const messages = 2 * plan.publishes.length + plan.poison.length;
  const perMessage = webhookCalls.map((metered) => callCount(metered, messages, 'per webhook message'));
  const perThousand = flightCalls.map((metered) =>
    callCount(metered, options.records / 1_000, 'per 1,000 flights'),
  );
  return [...perMessage, ...perThousand];
}

/** Asked by the demo to see how far things are, or done to disturb: no part of what the clients cost. */
const BY_THE_DEMO = ['GetQueueAttributes', 'DescribeStreamSummary', 'SplitShard', 'MergeShards', 'Publish'];

function callCount(
  { service, operation, isFifo, calls }: MeteredCalls,
  units: number,
  unit: string,
): CallCount {
  const isOurs = !BY_THE_DEMO.includes(operation);
  return {
    service,
    operation: isFifo ? `${operation} (FIFO)` : operation,
    calls,
    perUnit: isOurs ? calls / units : undefined,
    unit: isOurs ? unit : 'by the demo itself',
  };
}

function countTypes(deployment: Deployment): DemoReport['notCreated'] {
  const types = new Map<string, number>();
  for (const { type } of deployment.notCreated) types.set(type, (types.get(type) ?? 0) + 1);
  return [...types].map(([type, count]) => ({ type, count }));
}
