/** The parts of the examples' READMEs that are made from the catalogue and the list prices. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { TEMPLATES, type ExampleTemplate } from '../examples/catalogue.js';
import { costOf, PRICES } from '../lib/contract/index.js';
import { drawTopology, readTopology } from '../lib/testing/index.js';

/** What is written by hand stays; this is what stands between the two comments of a page. */
export function withSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: npm run docs -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no lines '${begin}' and '${end}'`);
  return `${page.slice(0, from + begin.length)}\n${text}${page.slice(to)}`;
}

/** What a template costs, line by line. */
export function costTable({ load, cost }: ExampleTemplate): string {
  const usd = cost.map(([, price, units]) => costOf(price, units));
  const total = usd.reduce((sum, each) => sum + each, 0);
  return [
    `| ${load} | list price | USD |`,
    '| --- | --- | --- |',
    ...cost.map(([what, price], line) => `| ${what} | ${priceInWords(price)} | ${dollars(usd[line] ?? 0)} |`),
    `| **together** | | **${dollars(total)}** |`,
    '',
  ].join('\n');
}

/** All templates, for a README in `folder`. */
export function templatesTable(folder: '' | 'examples/'): string {
  const base = folder === '' ? 'examples/' : '';
  return [
    '| template | for |',
    '| --- | --- |',
    ...Object.entries(TEMPLATES).map(
      ([name, { title, use }]) => `| [${title}](${base}${name}/README.md) | ${use} |`,
    ),
    '',
  ].join('\n');
}

/** The pages as they should be, by file. */
export function examplePages(): ReadonlyMap<string, string> {
  const read = (file: string): string => readFileSync(file, 'utf8');
  const pages = Object.entries(TEMPLATES).map(([name, template]): readonly [string, string] => {
    const file = `examples/${name}/README.md`;
    return [file, withSection(read(file), 'cost', costTable(template))];
  });
  return new Map([
    ...pages,
    ['examples/README.md', withSection(read('examples/README.md'), 'templates', templatesTable('examples/'))],
    ['README.md', withSection(read('README.md'), 'templates', templatesTable(''))],
  ]);
}

/** Writes the pages, and draws every template. */
export function writeExamplePages(): void {
  for (const [file, page] of examplePages()) writeFileSync(file, page);
  for (const name of Object.keys(TEMPLATES)) {
    const outdir = mkdtempSync(join(tmpdir(), 'millrace-template-'));
    createTemplateApp(name, outdir).synth();
    writeFileSync(`examples/${name}/topology.svg`, drawTopology(readTopology(outdir)));
    rmSync(outdir, { recursive: true });
  }
}

/** The app of one template with the context of cdk.json; its functions are not bundled, which takes seconds. */
export function createTemplateApp(name: string, outdir: string): App {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as {
    readonly context: Readonly<Record<string, unknown>>;
  };
  const app = new App({
    outdir,
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
  });
  TEMPLATES[name]?.create(app);
  return app;
}

function priceInWords(name: ExampleTemplate['cost'][number][1]): string {
  const { usd, per, unit } = PRICES[name];
  if (per === 1) return `${usd} per ${unit.replace(/s( |$)/, '$1')}`;
  if (per === 1_073_741_824) return `${usd} per GiB, ${unit}`;
  return `${usd} per ${per.toLocaleString('en-US')} ${unit}`;
}

const dollars = (usd: number): string => usd.toFixed(2);
