import { createStreamProducer } from '../../lib/runtime/index.js';
import { PageViewed } from '../../examples/clickstream/records.js';
import { openBots } from '../../examples/clickstream/bots.js';
import { openPages } from '../../examples/clickstream/pages.js';
import { eventually } from '../runtime/support/local-queue.js';
import { effectsIn } from './support/table.js';
import { describeTemplate } from './support/template.js';

const { run, synthesized } = describeTemplate('clickstream');

const VIEWS = 1_200;
const PAGES = 150; // more than one transaction takes

describe('a clickstream', () => {
  it('is counted once, and searched for bots, by readers that know nothing of each other', async () => {
    const template = await run({ limits: 'off' });
    const table = template.output('FindingsTable');
    const producer = createStreamProducer({ stream: 'Views', record: PageViewed });
    const puts = Array.from({ length: VIEWS }, (_, view) =>
      producer.put({ visitor: `v${view % 100}`, page: `/p${view % PAGES}`, at: 1_000 * view }),
    );
    puts.push(
      ...Array.from({ length: 20 }, (_, view) => producer.put({ visitor: 'bot', page: '/p0', at: view })),
    );
    await Promise.all(puts);
    await producer.stop();
    const readers = [openPages(table), openBots(table)];
    const runs = readers.map((reader) => reader.run());
    const total = async (): Promise<number> =>
      Object.entries(await effectsIn(template, table))
        .filter(([key]) => key.startsWith('page '))
        .reduce((sum, [, views]) => sum + Number(views), 0);
    await eventually('every view is counted', async () => (await total()) >= VIEWS + 20);
    await eventually('the bot is found', async () => 'bot bot' in (await effectsIn(template, table)));
    await Promise.all(readers.map((reader) => reader.stop()));
    await Promise.all(runs);
    const effects = await effectsIn(template, table);
    expect(await total()).toBe(VIEWS + 20);
    expect(effects['page /p0']).toBe('28');
    expect(Object.keys(effects).filter((key) => key.startsWith('bot '))).toEqual(['bot bot']);
  });

  it('goes into the bucket through Firehose', () => {
    const resources = Object.values(synthesized().templates).flatMap(({ Resources }) =>
      Object.values(Resources).map(({ Type }) => Type),
    );
    expect(resources.filter((type) => type === 'AWS::KinesisFirehose::DeliveryStream')).toHaveLength(1);
  });
});
