import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ALARM_SECTIONS } from '../../lib/cdk/index.js';

const LINK = /docs\/[\w/-]+\.md(?:#[\w-]+)?/g;

const sourcesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(folder, file));

/** What the package says to people who have only the package: in alarms, messages, types and the README. */
function linksOfTheProduct(): readonly string[] {
  const texts = [...sourcesBelow('lib'), ...sourcesBelow('bin'), 'README.md'];
  const written = texts.flatMap((file) => readFileSync(file, 'utf8').match(LINK) ?? []);
  const ofAlarms = Object.values(ALARM_SECTIONS).map((section) => `docs/runbook.md#${section}`);
  return [...new Set([...written, ...ofAlarms])];
}

/** As GitHub and npm make them of headings. */
function anchorsOf(page: string): readonly string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(/\s/g, '-'),
  );
}

describe('pages that the product links to', () => {
  const links = linksOfTheProduct();

  it.each(links)('%s is there, with its heading', (link) => {
    const [page = '', anchor] = link.split('#');
    expect(existsSync(page)).toBe(true);
    expect(anchor === undefined || anchorsOf(page).includes(anchor)).toBe(true);
  });

  it('are in the package', () => {
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly files: readonly string[];
    };
    const strange = links.filter((link) => !/^docs\/[\w-]+\.md/.test(link));
    expect([files.includes('docs/*.md'), strange]).toEqual([true, []]);
  });
});
