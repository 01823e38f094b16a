import { createSqsApi } from '../../../lib/runtime/aws/sqs-client.js';
import { on } from '../../../lib/runtime/index.js';
import { compileWorkerOptions } from '../../../lib/runtime/sqs/compile-worker-options.js';
import { createWorkerCalls } from '../../../lib/runtime/sqs/worker-calls.js';
import { createFakeClock, turns } from '../support/fake-clock.js';
import { scriptedAws } from '../support/scripted-aws.js';
import { acceptAll, entriesOf, JobQueued, queueBinding } from './fixtures.js';

async function setup() {
  const clock = createFakeClock();
  const order: string[] = [];
  const held = new Set([1, 2, 3]);
  const aws = scriptedAws((_operation, input) => {
    order.push(...entriesOf(input).map(({ ReceiptHandle }) => `delete ${String(ReceiptHandle)}`));
    return acceptAll(input);
  });
  const options = compileWorkerOptions(
    {
      queue: queueBinding(),
      idempotency: 'none',
      handlers: [on(JobQueued, () => undefined)],
      clock,
      random: { next: () => 0 },
    },
    {},
  );
  const sqs = await createSqsApi({ region: 'eu-west-1' }, aws.sqs);
  const { deletes } = createWorkerCalls(sqs, options, {
    isHeld: (key) => held.has(key),
    wantsRenewal: () => true,
  });
  const submit = (key: number, record?: () => Promise<void>) =>
    deletes.submit({ item: { key, receiptHandle: `h${key}`, ...(record && { record }) } });
  return { aws, deletes, held, order, submit };
}

describe('deletes of messages with something left to record', () => {
  it('leave once it is recorded, all that travel together after all of them', async () => {
    const { deletes, order, submit } = await setup();
    const record = (name: string) => async () => {
      await turns(2);
      order.push(`record ${name}`);
    };
    const results = [submit(1, record('one')), submit(2, record('two')), submit(3)];
    deletes.flush();
    expect((await Promise.all(results)).map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
    expect(order).toEqual(['record one', 'record two', 'delete h1', 'delete h2', 'delete h3']);
  });

  it('do not leave for messages that were lost while it was recorded', async () => {
    const { aws, deletes, held, order, submit } = await setup();
    const lose = (key: number) => () => {
      held.delete(key);
      return Promise.resolve();
    };
    const results = [submit(1, lose(1)), submit(2)];
    deletes.flush();
    expect((await Promise.all(results)).map(({ kind }) => kind)).toEqual(['refused', 'done']);
    expect(order).toEqual(['delete h2']);
    const last = submit(3, lose(3));
    deletes.flush();
    expect(await last).toMatchObject({ kind: 'refused', code: 'TooLate' });
    expect(aws.calls).toHaveLength(1);
  });
});
