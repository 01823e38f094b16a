import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** An optional prop somebody may write, and what its docstring says of leaving it out. */
interface OptionalProp {
  readonly name: string;
  readonly defaultText: string | undefined;
}

const PROPS_INTERFACE = /(Props|Options|Attributes)$/;

const parse = (file: string, text: string): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);

/** Names that `millrace/cdk` gives away. */
const EXPORTED: ReadonlySet<string> = new Set(
  parse('index.ts', readFileSync('lib/cdk/index.ts', 'utf8')).statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
      ? statement.exportClause.elements.map(({ name }) => name.text)
      : [],
  ),
);

function optionalPropsOf(file: string, text: string): readonly OptionalProp[] {
  return parse(file, text)
    .statements.filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => PROPS_INTERFACE.test(name.text) || EXPORTED.has(name.text))
    .flatMap((declaration) =>
      declaration.members
        .filter((member) => ts.isPropertySignature(member) && member.questionToken !== undefined)
        .map((member) => {
          const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
          return {
            name: `${declaration.name.text}.${member.name?.getText() ?? ''}`,
            defaultText: tag && ts.getTextOfJSDocComment(tag.comment),
          };
        }),
    );
}

const PROPS = readdirSync('lib/cdk', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => optionalPropsOf(name, readFileSync(path.join('lib/cdk', name), 'utf8')));

describe('optional props of the constructs', () => {
  it('are found', () => {
    expect(PROPS.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'WorkQueueWithDLQProps.fifo',
        'AlarmProps.alarms',
        'FanOutOptions.raw',
        'StackTemplate.region',
      ]),
    );
  });

  it('say what leaving them out means, each in a @default', () => {
    expect(PROPS.filter(({ defaultText }) => !defaultText).map(({ name }) => name)).toEqual([]);
  });

  it('are told apart from those that do not', () => {
    const text =
      'interface XProps {\n/** Says nothing. */\nreadonly a?: number;\n/** @default 5 */\nreadonly b?: number }';
    expect(optionalPropsOf('x.ts', text)).toEqual([
      { name: 'XProps.a', defaultText: undefined },
      { name: 'XProps.b', defaultText: '5' },
    ]);
  });
});
