import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { PlannedAirport } from '../run/flight-plan.js';
import { messagesIn } from '../run/queue-depth.js';
import { QUEUES, type QueueName, type WebhookPlan } from '../run/webhook-plan.js';
import { readArchive } from './archive.js';
import { drainDeadLetters } from './dead-letters.js';
import { readAirports, readQueueEffects, type AirportRow } from './effects.js';
import { judgeQueue, type QueueVerdict } from './queue-ledger.js';
import { isReaderRight, judgeReader, type ProducedLegs, type ReaderVerdict } from './stream-ledger.js';

/** Where the effects are. */
export interface Evidence {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly effectsTable: string;
  readonly airportsTable: string;
  readonly archiveFolder: string;
  /** Dead-letter queue of each work queue. */
  readonly deadLetterQueues: Readonly<Record<QueueName, string>>;
  /** Every further queue of the stacks; they have to be empty in the end. */
  readonly otherQueues: readonly { readonly name: string; readonly url: string }[];
}

/** What has to be true of the stream: flights and delays of each airport. */
export type FlightPlan = ReadonlyMap<string, PlannedAirport>;

/** Holds the effects of all queues against the plan. */
export async function judgeQueues(evidence: Evidence, plan: WebhookPlan): Promise<QueueVerdict[]> {
  const effects = await readQueueEffects(evidence.dynamodb, evidence.effectsTable);
  return Promise.all(
    QUEUES.map(async (queue) => {
      const letters = await drainDeadLetters(evidence.sqs, evidence.deadLetterQueues[queue]);
      return judgeQueue(queue, plan, effects.get(queue) ?? new Map<string, string[]>(), letters);
    }),
  );
}

/** Holds what both readers wrote against what was produced. */
export async function judgeReaders(evidence: Evidence, plan: FlightPlan): Promise<ReaderVerdict[]> {
  const produced: ProducedLegs = new Map([...plan].map(([airport, { legs }]) => [airport, legs]));
  const airports = await readAirports(evidence.dynamodb, evidence.airportsTable);
  const delays = judgeReader(
    'delays',
    produced,
    new Map([...airports].map(([airport, { runs }]) => [airport, runs])),
  );
  const archive = judgeReader('archive', produced, await readArchive(evidence.archiveFolder));
  return [{ ...delays, otherFaults: [...delays.otherFaults, ...wrongSums(plan, airports)] }, archive];
}

/** Whether there is nothing left to wait for. */
export async function isCaughtUp(evidence: Evidence, plan: FlightPlan): Promise<boolean> {
  return (await judgeReaders(evidence, plan)).every(isReaderRight);
}

/** Queues that should be empty and are not: deliveries SNS gave up on, leftovers. */
export async function judgeOtherQueues({ sqs, otherQueues }: Evidence): Promise<string[]> {
  const depths = await Promise.all(
    otherQueues.map(async ({ name, url }) => ({ name, messages: await messagesIn(sqs, url) })),
  );
  return depths
    .filter(({ messages }) => messages > 0)
    .map(({ name, messages }) => `queue ${name} holds ${messages} messages and should be empty`);
}

function wrongSums(plan: FlightPlan, airports: ReadonlyMap<string, AirportRow>): string[] {
  return [...plan].flatMap(([airport, { legs, delayMinutes }]) => {
    const row = airports.get(airport);
    const isRight = row?.flights === legs && row.delayMinutes === delayMinutes;
    const got = row === undefined ? 'no row' : `${row.flights} flights and ${row.delayMinutes} minutes`;
    return isRight
      ? []
      : [`${airport} should have ${legs} flights and ${delayMinutes} minutes of delay, has ${got}`];
  });
}
