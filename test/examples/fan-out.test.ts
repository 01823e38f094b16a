import { OrderCancelled, OrderPlaced } from '../../examples/fan-out/messages.js';
import { createPublisher, type LambdaHandler } from '../../lib/runtime/index.js';
import { eventually } from '../runtime/support/local-queue.js';
import { invokeForQueues } from './support/functions.js';
import { effectsIn } from './support/table.js';
import { describeTemplate } from './support/template.js';

const { run } = describeTemplate('fan-out');

/** Imported late: a function finds its queue in the environment when it starts. */
async function startWorkers(): Promise<Record<string, LambdaHandler>> {
  const [billing, shipping, fraud] = await Promise.all([
    import('../../examples/fan-out/billing.js'),
    import('../../examples/fan-out/shipping.js'),
    import('../../examples/fan-out/fraud.js'),
  ]);
  return { Billing: billing.handler, Shipping: shipping.handler, Fraud: fraud.handler };
}

describe('orders that fan out', () => {
  it('reach every consumer they concern, and no other', async () => {
    const template = await run();
    const ledger = template.output('LedgerTable');
    process.env['LEDGER_TABLE'] = ledger;
    await using workers = invokeForQueues(template, await startWorkers());
    await using orders = createPublisher({ topic: 'Orders' });
    await Promise.all([
      orders.publish(OrderPlaced, { order: 'o1', customer: 'ada', kind: 'goods', cents: 4_200 }),
      orders.publish(OrderPlaced, { order: 'o2', customer: 'ada', kind: 'voucher', cents: 250_000 }),
      orders.publish(OrderPlaced, { order: 'o2', customer: 'ada', kind: 'voucher', cents: 250_000 }),
      orders.publish(OrderPlaced, { order: 'o3', customer: 'bob', kind: 'goods', cents: 150_000 }),
      orders.publish(OrderCancelled, { order: 'o3', customer: 'bob', cents: 150_000 }),
    ]);
    const wanted = {
      'account ada': '254200',
      'account bob': '0',
      'parcel o1': 'ada',
      'parcel o3': 'bob',
      'review o2': '250000',
      'review o3': '150000',
    };
    await eventually('the ledger is as it should be', async () => {
      const effects = await effectsIn(template, ledger);
      return Object.entries(wanted).every(([key, value]) => effects[key] === value);
    });
    expect(await effectsIn(template, ledger)).toEqual(wanted);
    expect(workers.mappings.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
