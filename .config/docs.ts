/** Writes the pages that are made from the code: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { CHECK_RULES } from '../lib/cdk/checks/check-rules.js';
import { renderChecksPage } from './checks-page.js';
import { writeExamplePages } from './example-pages.js';
import { renderPosturesPage } from './scanners/postures-page.js';

writeFileSync('docs/postures.md', renderPosturesPage());
writeFileSync('docs/checks.md', renderChecksPage(CHECK_RULES));
writeExamplePages();
