import { readdirSync, readFileSync } from 'node:fs';
import { costTable, examplePages, withSection } from '../../.config/example-pages.js';
import { TEMPLATES } from '../../examples/catalogue.js';

describe('the pages of the examples', () => {
  it.each([...examplePages()])('has in %s what the catalogue says (npm run docs writes it)', (file, page) => {
    expect(readFileSync(file, 'utf8')).toBe(page);
  });

  it('names every folder of examples', () => {
    const page = readFileSync('examples/README.md', 'utf8');
    const files = readdirSync('examples', { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const folders = new Set(files.flatMap(({ parentPath }) => parentPath.split('/')[1] ?? []));
    expect([...folders].filter((name) => !page.includes(`](${name}`))).toEqual([]);
  });

  it.each(Object.keys(TEMPLATES))('tells of %s what it is for, how to deploy and how to adapt it', (name) => {
    const page = readFileSync(`examples/${name}/README.md`, 'utf8');
    const parts = ['](topology.svg)', '## What it costs', '## Deploy', '## Adapt', `-c example=${name}`];
    expect(parts.filter((part) => !page.includes(part))).toEqual([]);
  });
});

describe('costTable', () => {
  it('multiplies list prices by the use, and adds them up', () => {
    const table = costTable({
      title: '',
      use: '',
      load: 'a day',
      cost: [
        ['published', 'sns.standard.publish', 3_000_000],
        ['hours', 'kinesis.shardHour', 10],
      ],
      create: () => undefined,
    });
    expect(table).toContain('| published | 0.5 per 1,000,000 requests | 1.50 |');
    expect(table).toContain('| hours | 0.015 per shard hour | 0.15 |');
    expect(table).toContain('| **together** | | **1.65** |');
  });
});

describe('withSection', () => {
  it('rejects a page without the place for it', () => {
    expect(() => withSection('# A page', 'cost', 'text')).toThrow("no lines '<!-- cost: npm run docs -->'");
  });
});
