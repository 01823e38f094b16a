import { isQueueRight, judgeQueue, type Effects } from '../../examples/demo/ledger/queue-ledger.js';
import { seededRandom } from '../../examples/demo/run/random.js';
import { planWebhooks, QUEUES, type WebhookPlan } from '../../examples/demo/run/webhook-plan.js';

const plan: WebhookPlan = planWebhooks(seededRandom(7));

const rightEffects = (queue: 'Builds' | 'Triage' | 'Audit'): Map<string, string[]> =>
  new Map([...plan.expected[queue]].map(([subject, ids]) => [subject, [...ids]]));

const rightLetters = (queue: 'Builds' | 'Triage' | 'Audit') => [
  ...plan.poison.filter((poison) => poison.queue === queue).map(({ body }) => ({ body, reason: 'poison' })),
  ...plan.unprocessable[queue].map((body) => ({ body, reason: 'moved by SQS' })),
];

describe('the plan', () => {
  it('holds every example of every event, repeats 5 % and adds one that can never be processed', () => {
    const events = new Set(plan.publishes.map(({ webhook }) => webhook.event));
    expect([events.size, plan.publishes.length, plan.repeated]).toEqual([58, 329 + 16 + 1, 16]);
  });

  it('sends pushes and workflow runs to builds, issues and pull requests to triage, all to audit', () => {
    const sizes = QUEUES.map((queue) => [...plan.expected[queue].values()].flat().length);
    expect(sizes).toEqual([22, 79, 329]);
  });

  it('is the same for the same seed and another for another', () => {
    const order = (seed: number) =>
      planWebhooks(seededRandom(seed)).publishes.map(({ webhook }) => webhook.delivery);
    expect(order(7)).toEqual(order(7));
    expect(order(7)).not.toEqual(order(8));
  });
});

describe('judgeQueue', () => {
  it.each(QUEUES)('finds nothing wrong with %s when every delivery took effect once, in order', (queue) => {
    const verdict = judgeQueue(queue, plan, rightEffects(queue), rightLetters(queue));
    expect(isQueueRight(verdict)).toBe(true);
    expect(verdict.inEffectOnce).toBe(verdict.expected);
  });

  const audit = (spoil: (ids: string[]) => void): Effects => {
    const effects = rightEffects('Audit');
    spoil(effects.get('Codertocat/Hello-World') ?? []);
    return effects;
  };

  it.each([
    ['lost', (ids: string[]) => ids.splice(3, 1), 'lost'],
    ['handled twice', (ids: string[]) => ids.push(ids[0] ?? ''), 'doubled'],
    ['handled before an earlier one', (ids: string[]) => ids.reverse(), 'outOfOrder'],
    ['never published', (ids: string[]) => ids.push('stranger'), 'unexpected'],
  ] as const)('finds a delivery that was %s', (_what, spoil, fault) => {
    const verdict = judgeQueue('Audit', plan, audit(spoil), rightLetters('Audit'));
    expect(verdict[fault]).not.toHaveLength(0);
    expect(isQueueRight(verdict)).toBe(false);
  });

  it.each([
    ['is missing', [] as { body: string; reason: string }[], 2],
    ['is there twice', [...rightLetters('Audit'), ...rightLetters('Audit')], 2],
    ['was not expected', [...rightLetters('Audit'), { body: 'stranger', reason: '?' }], 1],
  ])('finds a dead letter that %s', (_what, letters, faults) => {
    const verdict = judgeQueue('Audit', plan, rightEffects('Audit'), letters);
    expect(verdict.deadLetterFaults).toHaveLength(faults);
    expect(isQueueRight(verdict)).toBe(false);
  });
});
