import { AccountChanged } from '../../examples/fifo-per-entity/messages.js';
import { createPublisher } from '../../lib/runtime/index.js';
import { eventually } from '../runtime/support/local-queue.js';
import { invokeForQueues } from './support/functions.js';
import { effectsIn } from './support/table.js';
import { describeTemplate } from './support/template.js';

const { run } = describeTemplate('fifo-per-entity');

const ROUNDS = [100, -60, 50, -90];
const ACCOUNTS = ['ada', 'bob', 'eve'];

describe('changes of accounts', () => {
  it('take effect in order per account, once, and a failing one holds up its account only', async () => {
    const template = await run();
    const table = template.output('AccountsTable');
    process.env['ACCOUNTS_TABLE'] = table;
    const worker = await import('../../examples/fifo-per-entity/worker.js');
    await using workers = invokeForQueues(template, { Ledger: worker.handler });
    await using changes = createPublisher({ topic: 'Changes' });
    const publish = (change: string, account: string, cents: number): Promise<unknown> =>
      changes.publish(AccountChanged, { change, account, cents });
    const published = ROUNDS.flatMap((cents, round) =>
      ACCOUNTS.map((account) => publish(`${account}-${round}`, account, cents)),
    );
    // Overdraws what is not there yet; what comes after it must wait.
    published.push(publish('mallory-0', 'mallory', -1), publish('mallory-1', 'mallory', 100));
    published.push(publish('ada-3', 'ada', -90)); // sent twice
    await Promise.all(published);
    await eventually('every account is worked off', async () => {
      const effects = await effectsIn(template, table);
      return ACCOUNTS.every((account) => effects[account]?.includes(`${account}-3`));
    });
    expect(await effectsIn(template, table)).toEqual(
      Object.fromEntries(
        ACCOUNTS.map((account) => [
          account,
          expect.stringMatching(
            new RegExp(`^(0 )?${ROUNDS.map((_, round) => `${account}-${round}`).join(',')}( 0)?$`),
          ),
        ]),
      ),
    );
    expect(workers.mappings.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
