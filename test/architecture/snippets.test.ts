import { readdirSync, readFileSync } from 'node:fs';
import { codeAt, renderSnippets, snippetsOf } from '../../.config/snippets.js';

/** Pages whose TypeScript is not taken from an example, each with the reason. */
const BY_HAND: Readonly<Record<string, string>> = {
  'postures.md': 'made from the code by npm run docs',
};

const pages = readdirSync('docs')
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(`docs/${name}`, 'utf8') }))
  .filter(({ text }) => snippetsOf(text).length > 0);

describe('the snippets of the documentation', () => {
  it.each(pages.map(({ name, text }) => [name, text] as const))(
    '%s shows them as the examples have them (npm run docs)',
    (_name, text) => {
      expect(renderSnippets(text)).toBe(text);
    },
  );

  it('come from examples that are compiled and run', () => {
    const strays = pages
      .filter(({ name }) => !(name in BY_HAND))
      .flatMap(({ name, text }) => snippetsOf(text).map(({ source = 'no source' }) => `${name}: ${source}`))
      .filter((line) => !line.includes(': examples/'));
    expect(strays).toEqual([]);
  });

  it('rejects a source that is not there', () => {
    expect(() => codeAt('examples/none.ts#worker')).toThrow('names a file that is not there');
    expect(() => codeAt('examples/guides/publisher.ts#none')).toThrow('names a region that is not there');
  });
});
