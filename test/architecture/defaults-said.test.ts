import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);

/** Names that `millrace/cdk` gives away. */
function exportedNames(): ReadonlySet<string> {
  const names = parse('lib/cdk/index.ts').statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
      ? statement.exportClause.elements.map(({ name }) => name.text)
      : [],
  );
  return new Set(names);
}

function optionalProps(): readonly { readonly name: string; readonly isSaid: boolean }[] {
  const exported = exportedNames();
  const files = readdirSync('lib/cdk', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files
    .flatMap((file) => parse(path.join('lib/cdk', file)).statements.filter(ts.isInterfaceDeclaration))
    .filter(({ name }) => exported.has(name.text))
    .flatMap((owner) =>
      owner.members
        .filter(ts.isPropertySignature)
        .filter(({ questionToken }) => questionToken !== undefined)
        .map((prop) => ({
          name: `${owner.name.text}.${prop.name.getText()}`,
          isSaid: ts.getJSDocTags(prop).some(({ tagName }) => tagName.text === 'default'),
        })),
    );
}

describe('the props of millrace/cdk', () => {
  const props = optionalProps();

  it('say what holds when they are left out', () => {
    expect(props.filter(({ isSaid }) => !isSaid).map(({ name }) => name)).toEqual([]);
  });

  it('are found', () => {
    expect(props.length).toBeGreaterThan(100);
  });
});
