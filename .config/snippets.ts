import { existsSync, readFileSync } from 'node:fs';

/** A block of TypeScript in a page: "```ts examples/file.ts#region", or without a source. */
export interface Snippet {
  readonly source: string | undefined;
  readonly code: string;
}

const BLOCK = /```ts(?: (\S+))?\n([^]*?)```/g;

/** The blocks of TypeScript in a page. */
export function snippetsOf(page: string): readonly Snippet[] {
  return [...page.matchAll(BLOCK)].map(([, source, code = '']) => ({ source, code }));
}

/** The page with every block that has a source as its source has it. */
export function renderSnippets(page: string): string {
  return page.replace(BLOCK, (block: string, source: string | undefined) =>
    source === undefined ? block : `\`\`\`ts ${source}\n${codeAt(source)}\`\`\``,
  );
}

/** What `file#region` has between its `// #region` and `// #endregion`, or the whole file, moved to the left margin. */
export function codeAt(source: string): string {
  const [file = '', region] = source.split('#');
  if (!existsSync(file)) throw new Error(`the snippet '${source}' names a file that is not there`);
  const lines = readFileSync(file, 'utf8').split('\n');
  if (region === undefined) return lines.join('\n');
  const from = lines.findIndex((line) => line.trim() === `// #region ${region}`);
  const to = lines.findIndex((line) => line.trim() === `// #endregion ${region}`);
  if (from < 0 || to < from) throw new Error(`the snippet '${source}' names a region that is not there`);
  const inside = lines.slice(from + 1, to);
  const indents = inside
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  return inside.map((line) => `${line.slice(Math.min(...indents))}\n`).join('');
}
