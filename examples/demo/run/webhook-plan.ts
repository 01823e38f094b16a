import type { PayloadOf } from 'millrace/contract';
import { createRequire } from 'node:module';
import { z } from 'zod';
import {
  buildWebhooks,
  triageWebhooks,
  webhookOf,
  type WebhookMessage,
} from '../../github-webhooks/messages.js';
import { below, shuffled } from './random.js';

/** The queues of the example, by construct id. */
export const QUEUES = ['Builds', 'Triage', 'Audit'] as const;
/** One of them. */
export type QueueName = (typeof QUEUES)[number];

/** One call of the typed publisher. */
export interface PlannedPublish {
  readonly message: WebhookMessage;
  readonly webhook: PayloadOf<WebhookMessage>;
}

/** A message that no handler can ever process: it has to end in the dead-letter queue of `queue`, once. */
export interface PlannedPoison {
  /** Unique text in the body, by which the ledger finds it again. */
  readonly token: string;
  readonly queue: QueueName;
  /** What is wrong with it, for the report. */
  readonly flaw: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What will be published, and what has to come of it. */
export interface WebhookPlan {
  readonly publishes: readonly PlannedPublish[];
  readonly repeated: number;
  readonly poison: readonly PlannedPoison[];
  /** Per queue and subject, the deliveries in the order of their first publish. */
  readonly expected: Readonly<Record<QueueName, ReadonlyMap<string, readonly string[]>>>;
  /** Per queue, the deliveries whose handler always throws: they end in the dead-letter queue as well. */
  readonly unprocessable: Readonly<Record<QueueName, readonly string[]>>;
}

const REPEATED_SHARE = 0.05;

const party = z.object({ login: z.string() }).nullish();
const example = z.looseObject({
  repository: z.object({ full_name: z.string() }).nullish(),
  organization: party,
  sender: party,
});
const examples = z.array(z.object({ name: z.string(), examples: z.array(example) }));

/** Plans a run over every example payload of GitHub's webhooks: shuffled, 5 % of them published twice, with poison between. */
export function planWebhooks(random: () => number): WebhookPlan {
  const originals = shuffled(readExamples(random), random);
  const repeats = shuffled(originals, random).slice(0, Math.round(originals.length * REPEATED_SHARE));
  const publishes = [...originals];
  for (const repeat of repeats) {
    const first = publishes.indexOf(repeat);
    publishes.splice(first + 1 + below(publishes.length - first, random), 0, repeat);
  }
  const bad = unprocessablePush();
  publishes.splice(below(publishes.length, random), 0, bad);
  return {
    publishes,
    repeated: repeats.length,
    poison: POISON,
    expected: {
      Builds: bySubject(
        originals.filter(({ message }) => buildWebhooks.includes(message)),
        publishes,
      ),
      Triage: bySubject(
        originals.filter(({ message }) => triageWebhooks.includes(message)),
        publishes,
      ),
      Audit: bySubject(originals, publishes),
    },
    unprocessable: { Builds: [bad.webhook.delivery], Triage: [], Audit: [bad.webhook.delivery] },
  };
}

function readExamples(random: () => number): PlannedPublish[] {
  const events = examples.parse(createRequire(import.meta.url)('@octokit/webhooks-examples'));
  return events.flatMap(({ name, examples: payloads }) =>
    payloads.map((payload) => {
      const message = webhookOf(name);
      if (message === undefined) throw new Error(`the contract has no message for GitHub's event '${name}'`);
      const subject =
        payload.repository?.full_name ?? payload.organization?.login ?? payload.sender?.login ?? 'github';
      return { message, webhook: { delivery: deliveryId(random), event: name, subject, payload } };
    }),
  );
}

/** In the form of GitHub's X-GitHub-Delivery. */
function deliveryId(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => below(16, random).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function unprocessablePush(): PlannedPublish {
  const message = webhookOf('push');
  if (message === undefined) throw new Error('the contract has no message for pushes');
  const webhook = {
    delivery: 'unprocessable-push',
    event: 'push',
    subject: 'demo/unprocessable', // a group of its own: retrying it holds nobody up
    payload: { unprocessable: true },
  };
  return { message, webhook };
}

function bySubject(
  expected: readonly PlannedPublish[],
  publishes: readonly PlannedPublish[],
): Map<string, string[]> {
  const subjects = new Map<string, string[]>();
  for (const publish of new Set(publishes)) {
    if (!expected.includes(publish)) continue;
    const { subject, delivery } = publish.webhook;
    subjects.set(subject, [...(subjects.get(subject) ?? []), delivery]);
  }
  return subjects;
}

const meta = (fields: object): string => JSON.stringify({ v: 1, id: 'poison', sv: 1, at: 0, ...fields });

const POISON: readonly PlannedPoison[] = [
  {
    token: 'poison-not-json',
    queue: 'Builds',
    flaw: 'the body is no JSON',
    body: 'poison-not-json: {"delivery": ',
    attributes: { 'millrace-type': 'github.push', 'millrace-meta': meta({}) },
  },
  {
    token: 'poison-schema',
    queue: 'Triage',
    flaw: 'the body fails the schema',
    body: JSON.stringify({ delivery: 7, note: 'poison-schema' }),
    attributes: { 'millrace-type': 'github.issues', 'millrace-meta': meta({}) },
  },
  {
    token: 'poison-version',
    queue: 'Triage',
    flaw: 'a schema version from the future',
    body: JSON.stringify({ delivery: 'poison-version', event: 'issues', subject: 'a/b', payload: {} }),
    attributes: { 'millrace-type': 'github.issues', 'millrace-meta': meta({ sv: 99 }) },
  },
  {
    token: 'poison-no-envelope',
    queue: 'Builds',
    flaw: 'no envelope',
    body: JSON.stringify({ delivery: 'poison-no-envelope', event: 'push', subject: 'a/b', payload: {} }),
    attributes: { 'millrace-type': 'github.push' },
  },
  {
    token: 'poison-in-order',
    queue: 'Audit',
    flaw: 'the body fails the schema, in a FIFO group',
    body: JSON.stringify({ note: 'poison-in-order' }),
    attributes: { 'millrace-type': 'github.push', 'millrace-meta': meta({}) },
  },
];
