import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderChecksPage } from '../../.config/checks-page.js';
import { renderMetricsTable } from '../../.config/metrics-table.js';
import { renderPosturesPage } from '../../.config/scanners/postures-page.js';
import { CHECK_RULES } from '../../lib/cdk/checks/check-rules.js';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

describe('the documentation', () => {
  it('shows the checks as the rules have them (npm run docs)', () => {
    expect(readFileSync('docs/checks.md', 'utf8')).toBe(renderChecksPage(CHECK_RULES));
  });

  it('shows the postures as the code and the scanners have them (npm run docs)', () => {
    expect(readFileSync('docs/postures.md', 'utf8')).toBe(renderPosturesPage());
  });

  it('shows the metrics as the code has them (npm run docs)', () => {
    expect(readFileSync('docs/observability.md', 'utf8')).toContain(
      `<!-- metrics -->\n${renderMetricsTable()}<!-- /metrics -->`,
    );
  });

  it.each(pages)('%s links only to files that are there', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)].map(
      ([, target]) => target ?? '',
    );
    expect(links.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
  });

  it('names in the architecture only folders and files that are there', () => {
    const text = readFileSync('docs/ARCHITECTURE.md', 'utf8');
    const paths = [...text.matchAll(/`((?:lib|bin|examples|core|runtime|emulator|local)\/[\w./-]*\w)`/g)].map(
      ([, path]) => path ?? '',
    );
    const missing = paths.filter((path) => !existsSync(path) && !existsSync(join('lib', path)));
    expect(missing).toEqual([]);
  });
});
