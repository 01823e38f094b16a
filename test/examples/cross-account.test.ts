import { InvoiceIssued } from '../../examples/cross-account/messages.js';
import { createPublisher } from '../../lib/runtime/index.js';
import { eventually } from '../runtime/support/local-queue.js';
import { invokeForQueues } from './support/functions.js';
import { effectsIn } from './support/table.js';
import { describeTemplate } from './support/template.js';

const { run } = describeTemplate('cross-account');

describe('invoices of another account', () => {
  it('reach the queue that asked for them, filtered, and take effect once', async () => {
    const template = await run();
    const returns = template.output('ReturnsTable');
    process.env['RETURNS_TABLE'] = returns;
    const { handler } = await import('../../examples/cross-account/worker.js');
    await using workers = invokeForQueues(template, { Taxes: handler });
    await using invoices = createPublisher({ topic: 'Invoices' });
    await Promise.all(
      [
        { invoice: 'i1', country: 'DE', cents: 100 },
        { invoice: 'i2', country: 'US', cents: 200 },
        { invoice: 'i3', country: 'FR', cents: 300 },
        { invoice: 'i4', country: 'DE', cents: 400 },
        { invoice: 'i4', country: 'DE', cents: 400 }, // published twice
      ].map((invoice) => invoices.publish(InvoiceIssued, invoice)),
    );
    await eventually('the returns are complete', async () => {
      const effects = await effectsIn(template, returns);
      return effects['DE'] === '500' && effects['FR'] === '300';
    });
    expect(await effectsIn(template, returns)).toEqual({ DE: '500', FR: '300' });
    expect(workers.mappings.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
