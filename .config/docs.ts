/** Writes the pages that are made from the code, and the snippets that are made from the examples: `npm run docs`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { CHECK_RULES } from '../lib/cdk/checks/check-rules.js';
import { renderChecksPage } from './checks-page.js';
import { renderMetricsTable, replaceMetricsTable } from './metrics-table.js';
import { writeExamplePages } from './example-pages.js';
import { renderPracticesPage } from './practices/practices-page.js';
import { renderPosturesPage } from './scanners/postures-page.js';
import { renderSnippets } from './snippets.js';

writeFileSync('docs/postures.md', renderPosturesPage());
writeFileSync('docs/checks.md', renderChecksPage(CHECK_RULES));
writeFileSync('docs/practices.md', renderPracticesPage());

for (const name of readdirSync('docs').filter((each) => each.endsWith('.md'))) {
  const page = readFileSync(`docs/${name}`, 'utf8');
  writeFileSync(`docs/${name}`, replaceMetricsTable(renderSnippets(page), renderMetricsTable()));
}
writeExamplePages();
