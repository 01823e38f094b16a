import type { QueueName, WebhookPlan } from '../run/webhook-plan.js';
import type { DeadLetter } from './dead-letters.js';

/** What became of everything that was meant for one queue. */
export interface QueueVerdict {
  readonly queue: QueueName;
  /** Deliveries that had to take effect. */
  readonly expected: number;
  readonly inEffectOnce: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Took effect although nobody published them for this queue. */
  readonly unexpected: readonly string[];
  /** Subjects whose deliveries took effect in another order than published; FIFO queues only. */
  readonly outOfOrder: readonly string[];
  readonly deadLettered: readonly { readonly what: string; readonly reason: string }[];
  /** Poison that is in no dead-letter queue, or there more than once, and dead letters nobody expected. */
  readonly deadLetterFaults: readonly string[];
}

/** Effects as the handlers wrote them: subject to its deliveries, in the order they took effect. */
export type Effects = ReadonlyMap<string, readonly string[]>;

/** Holds the effects of one queue against what was published. The clients' own counters play no part. */
export function judgeQueue(
  queue: QueueName,
  plan: WebhookPlan,
  effects: Effects,
  letters: readonly DeadLetter[],
): QueueVerdict {
  const expected = plan.expected[queue];
  const expectedIds = [...expected.values()].flat();
  const counts = countEach([...effects.values()].flat());
  return {
    queue,
    expected: expectedIds.length,
    inEffectOnce: expectedIds.filter((id) => counts.get(id) === 1).length,
    lost: expectedIds.filter((id) => !counts.has(id)),
    doubled: expectedIds.filter((id) => (counts.get(id) ?? 0) > 1),
    unexpected: [...counts.keys()].filter((id) => !expectedIds.includes(id)),
    outOfOrder:
      queue === 'Audit'
        ? [...expected.keys()].filter((subject) => !sameOrder(expected.get(subject), effects.get(subject)))
        : [],
    ...judgeDeadLetters(queue, plan, letters),
  };
}

/** Whether nothing was lost, doubled, invented, disordered, and every poison lies where it belongs. */
export function isQueueRight(verdict: QueueVerdict): boolean {
  const { lost, doubled, unexpected, outOfOrder, deadLetterFaults } = verdict;
  return [lost, doubled, unexpected, outOfOrder, deadLetterFaults].every((faults) => faults.length === 0);
}

function judgeDeadLetters(
  queue: QueueName,
  plan: WebhookPlan,
  letters: readonly DeadLetter[],
): Pick<QueueVerdict, 'deadLettered' | 'deadLetterFaults'> {
  const due = [
    ...plan.poison
      .filter((poison) => poison.queue === queue)
      .map(({ token, flaw }) => ({ token, what: flaw })),
    ...plan.unprocessable[queue].map((delivery) => ({
      token: delivery,
      what: 'a handler that always throws',
    })),
  ];
  const found = due.map(({ token, what }) => ({
    token,
    what,
    letters: letters.filter(({ body }) => body.includes(token)),
  }));
  const wrong = found
    .filter((poison) => poison.letters.length !== 1)
    .map((poison) => `${poison.token} is ${poison.letters.length} times in the dead-letter queue, not once`);
  const strangers = letters
    .filter(({ body }) => !due.some(({ token }) => body.includes(token)))
    .map(({ reason }) => `a dead letter nobody expected: ${reason}`);
  return {
    deadLettered: found.flatMap(({ what, letters: own }) => own.map(({ reason }) => ({ what, reason }))),
    deadLetterFaults: [...wrong, ...strangers],
  };
}

/** Order among those that took effect; what is lost or doubled is told apart. */
function sameOrder(published: readonly string[] = [], handled: readonly string[] = []): boolean {
  const places = handled.map((id) => published.indexOf(id)).filter((place) => place >= 0);
  return places.every((place, index) => index === 0 || place >= (places[index - 1] ?? 0));
}

function countEach(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
