import fc from 'fast-check';
import type { DeliveryOutcome } from '../../../lib/emulator/sqs/delivery.js';
import { arnOf } from '../sqs/setup.js';
import { setupSns } from './setup.js';

const GROUPS = ['a', 'b', 'c'] as const;

interface Publication {
  readonly group: (typeof GROUPS)[number];
  /** Tries that fail before one succeeds. */
  readonly failures: number;
  /** Milliseconds that pass afterwards. */
  readonly pause: number;
}

const publications = fc.array(
  fc.record<Publication>({
    group: fc.constantFrom(...GROUPS),
    failures: fc.nat(6),
    pause: fc.constantFrom(0, 1, 500, 1_000, 20_000),
  }),
  { maxLength: 30 },
);

/** Publishes everything to a topic with one subscription per filter, and lets time pass until all is quiet. */
function publishAll(all: readonly Publication[], isFifo: boolean): ReadonlyMap<string, readonly string[]> {
  const arrived = new Map<string, string[]>();
  const left = new Map<string, number>();
  const sns = setupSns({
    areLimitsEnforced: false,
    deliverToQueue: (arn, { body }): DeliveryOutcome => {
      const key = `${arn} ${body}`;
      const failures = left.get(key) ?? Number(body.split(':')[2]);
      left.set(key, failures - 1);
      if (failures > 0) return { kind: 'failed', reason: 'down' };
      arrived.set(arn, [...(arrived.get(arn) ?? []), body]);
      return { kind: 'delivered', messageId: body };
    },
  });
  const suffix = isFifo ? '.fifo' : '';
  const topic = sns.createTopic(`events${suffix}`);
  for (const [queue, policy] of [
    ['all', undefined],
    ['some', '{"group":["a","b"]}'],
  ] as const)
    sns.call('Subscribe', {
      TopicArn: topic,
      Protocol: 'sqs',
      Endpoint: arnOf(`${queue}${suffix}`),
      Attributes: { RawMessageDelivery: 'true', ...(policy === undefined ? {} : { FilterPolicy: policy }) },
    });
  all.forEach(({ group, failures, pause }, n) => {
    sns.call('Publish', {
      TopicArn: topic,
      Message: `${group}:${n}:${failures}`,
      MessageAttributes: { group: { DataType: 'String', StringValue: group } },
      MessageGroupId: group,
      ...(isFifo ? { MessageDeduplicationId: String(n) } : {}),
    });
    sns.sqs.now += pause;
    sns.engine.advance(sns.sqs.now);
  });
  for (let due = sns.engine.nextDeadline(); due !== undefined; due = sns.engine.nextDeadline())
    sns.engine.advance(due);
  return arrived;
}

const bodiesOf = (all: readonly Publication[], groups: readonly string[]): readonly string[] =>
  all.flatMap(({ group, failures }, n) => (groups.includes(group) ? [`${group}:${n}:${failures}`] : []));

describe.each([
  ['standard', false],
  ['FIFO', true],
] as const)('%s topic against random failures', (_name, isFifo) => {
  const suffix = isFifo ? '.fifo' : '';

  it('delivers every message once to every subscription that wants it', () => {
    fc.assert(
      fc.property(publications, (all) => {
        const arrived = publishAll(all, isFifo);
        const at = (queue: string): readonly string[] =>
          [...(arrived.get(arnOf(`${queue}${suffix}`)) ?? [])].sort();
        expect(at('all')).toEqual([...bodiesOf(all, GROUPS)].sort());
        expect(at('some')).toEqual([...bodiesOf(all, ['a', 'b'])].sort());
      }),
    );
  });
});

describe('FIFO topic against random failures', () => {
  it('keeps the order of every group, whichever delivery fails', () => {
    fc.assert(
      fc.property(publications, (all) => {
        const arrived = publishAll(all, true).get(arnOf('all.fifo')) ?? [];
        for (const group of GROUPS)
          expect(arrived.filter((body) => body.startsWith(group))).toEqual(bodiesOf(all, [group]));
      }),
    );
  });
});
