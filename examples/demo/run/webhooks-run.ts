import type { SQSClient } from '@aws-sdk/client-sqs';
import { readBinding } from 'millrace/contract';
import { setTimeout as sleep } from 'node:timers/promises';
import { Crew, withCrews } from './crew.js';
import { publishWebhooks, type PublishTarget } from './publish.js';
import { messagesIn } from './queue-depth.js';
import { QUEUES, type QueueName, type WebhookPlan } from './webhook-plan.js';
import type { ProgramEvent } from './worker-process.js';

const QUIET_PATIENCE_MS = 90_000;

/** What the webhooks half needs of the run. */
export interface WebhooksRun {
  readonly plan: WebhookPlan;
  readonly target: Omit<PublishTarget, 'onPublished'>;
  readonly sqs: SQSClient;
  /** Environment of a worker process. */
  readonly environment: Readonly<Record<string, string>>;
  /** The worker that is killed: some milliseconds after so many handled messages. */
  readonly kill: { readonly queue: QueueName; readonly afterHandled: number; readonly delayMs: number };
  readonly onIncident: (what: string) => void;
  readonly onProgress: (name: string, value: number) => void;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

/** What the workers of one queue said of themselves; the ledger judges without it. */
export interface QueueCounts {
  /** SQS message ids that came to a worker. */
  readonly delivered: Set<string>;
  /** Receives after the first one of a message. */
  readonly redelivered: Set<string>;
  handled: number;
  duplicates: number;
}

/** Figures by queue, and what went wrong outside the ledger. */
export interface WebhooksOutcome {
  readonly counts: Readonly<Record<QueueName, QueueCounts>>;
  readonly faults: readonly string[];
}

/** Publishes the plan while one worker per queue handles it, one of them killed and replaced; resolves when the queues are quiet. */
export async function runWebhooks(run: WebhooksRun): Promise<WebhooksOutcome> {
  const counts = { Builds: noCounts(), Triage: noCounts(), Audit: noCounts() };
  const crews = QUEUES.map((queue) => {
    const crew: Crew = new Crew({
      name: `worker of ${queue}`,
      program: 'examples/github-webhooks/worker.ts',
      args: [queue],
      environment: run.environment,
      onEvent: (event) => {
        count(counts[queue], event);
        run.onProgress(queue.toLowerCase(), counts[queue].handled);
        if (queue === run.kill.queue && counts[queue].handled >= run.kill.afterHandled)
          killOnce(crew, run, counts[queue].handled);
      },
    });
    return crew;
  });
  let published = 0;
  const onPublished = (): void => run.onProgress('published', (published += 1));
  const faults = await withCrews(crews, run.signal, async (signal) => {
    await publishWebhooks(run.plan, { ...run.target, onPublished });
    await untilQuiet(run, signal);
  });
  if (!crews.some((crew) => crew.isKilled))
    faults.push(`no worker was killed: ${run.kill.queue} never handled ${run.kill.afterHandled} messages`);
  return { counts, faults };
}

const noCounts = (): QueueCounts => ({
  delivered: new Set(),
  redelivered: new Set(),
  handled: 0,
  duplicates: 0,
});

function count(counts: QueueCounts, { kind, messageId, receiveCount }: ProgramEvent): void {
  if (typeof messageId === 'string') counts.delivered.add(messageId);
  if (typeof messageId === 'string' && Number(receiveCount) > 1)
    counts.redelivered.add(`${messageId} ${Number(receiveCount)}`);
  if (kind === 'handled') counts.handled += 1;
  if (kind === 'duplicate') counts.duplicates += 1;
}

function killOnce(crew: Crew, { onIncident, kill }: WebhooksRun, handled: number): void {
  if (crew.isKilled) return;
  onIncident(`SIGKILL to the ${crew.name} after ${handled} messages; another one takes over`);
  void crew.replace(kill.delayMs);
}

/** Until no work queue holds a message, seen twice in a row: the service's own figures are approximate by name. */
async function untilQuiet({ sqs, environment }: WebhooksRun, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + QUIET_PATIENCE_MS;
  let quietLooks = 0;
  while (quietLooks < 2 && performance.now() < deadline) {
    await sleep(500, undefined, { signal });
    const left = await Promise.all(
      QUEUES.map((queue) => messagesIn(sqs, readBinding('queue', queue, environment).url)),
    );
    quietLooks = left.every((messages) => messages === 0) ? quietLooks + 1 : 0;
  }
  // Past the deadline the run goes on all the same: the ledger names what is missing.
}
