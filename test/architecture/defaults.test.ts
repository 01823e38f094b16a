import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { STREAM_PRODUCER_DEFAULTS, STREAM_READER_DEFAULTS } from '../../lib/runtime/index.js';

/** An optional prop somebody may write, and what its docstring says of leaving it out. */
interface OptionalProp {
  readonly name: string;
  readonly defaultText: string | undefined;
}

const PROPS_INTERFACE = /(Props|Options|Attributes)$/;

const parse = (file: string, text: string): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);

/** Names that a door gives away. */
const exportedBy = (door: string): ReadonlySet<string> =>
  new Set(
    parse('index.ts', readFileSync(`lib/${door}/index.ts`, 'utf8')).statements.flatMap((statement) =>
      ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
        ? statement.exportClause.elements.map(({ name }) => name.text)
        : [],
    ),
  );

function optionalPropsOf(text: string, isLookedAt: (interfaceName: string) => boolean): OptionalProp[] {
  return parse('props.ts', text)
    .statements.filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => isLookedAt(name.text))
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

const optionalPropsIn = (folders: readonly string[], isLookedAt: (interfaceName: string) => boolean) =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => optionalPropsOf(readFileSync(path.join(folder, name), 'utf8'), isLookedAt)),
  );

const unsaid = (props: readonly OptionalProp[]): string[] =>
  props.filter(({ defaultText }) => !defaultText).map(({ name }) => name);

const OF_CDK = exportedBy('cdk');
const PROPS = optionalPropsIn(['lib/cdk'], (name) => PROPS_INTERFACE.test(name) || OF_CDK.has(name));

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
    expect(unsaid(PROPS)).toEqual([]);
  });

  it('are told apart from those that do not', () => {
    const text =
      'interface XProps {\n/** Says nothing. */\nreadonly a?: number;\n/** @default 5 */\nreadonly b?: number }';
    expect(optionalPropsOf(text, () => true)).toEqual([
      { name: 'XProps.a', defaultText: undefined },
      { name: 'XProps.b', defaultText: '5' },
    ]);
  });
});

const OF_CLIENTS = new Set(['runtime', 'contract', 'testing'].flatMap((door) => [...exportedBy(door)]));
const OPTIONS = optionalPropsIn(
  ['lib/runtime', 'lib/contract', 'lib/testing', 'lib/local', 'lib/core'],
  (name) => name.endsWith('Options') && OF_CLIENTS.has(name),
);

describe('options of the clients', () => {
  it('say what leaving them out means, each in a @default', () => {
    expect(OPTIONS.length).toBeGreaterThan(80);
    expect(unsaid(OPTIONS)).toEqual([]);
  });

  it.each([
    ['StreamReaderOptions', STREAM_READER_DEFAULTS],
    ['StreamProducerOptions', STREAM_PRODUCER_DEFAULTS],
  ])('say the defaults of their table: %s', (name, defaults) => {
    const said = OPTIONS.filter((option) => option.name.startsWith(`${name}.`))
      .map(
        (option) => [option.name.split('.')[1] ?? '', Number.parseFloat(option.defaultText ?? '')] as const,
      )
      .filter(([, value]) => !Number.isNaN(value));
    expect(Object.fromEntries(said)).toEqual(defaults);
  });
});
