import { readFileSync } from 'node:fs';

/** The README's example, cut at its `// file.ts` lines. */
function readmeSnippets(): { file: string; code: string[] }[] {
  const readme = readFileSync('README.md', 'utf8');
  const block = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? '';
  return block
    .split(/^\/\/ (?=\w+\.ts)/m)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [head = '', ...code] = part.split('\n');
      return {
        file: head.split(':')[0]?.trim() ?? '',
        code: code.map((line) => line.trim()).filter((line) => line !== ''),
      };
    });
}

describe('README.md', () => {
  it.each(readmeSnippets().map((snippet) => [snippet.file, snippet] as const))(
    'shows %s as the quickstart example has it',
    (file, { code }) => {
      const lines = readFileSync(`examples/quickstart/${file}`, 'utf8')
        .split('\n')
        .map((line) => line.trim());
      expect(code.length).toBeGreaterThan(0);
      expect(code.filter((line) => !lines.includes(line))).toEqual([]);
    },
  );

  it('names the two commands a new user types', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(readme).toContain('npm ci && npm run demo');
    expect(readme).toContain('npm ci && npm test');
  });
});
