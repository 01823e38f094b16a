import { limitOf } from '../../contract/limits.js';

/** An attribute beside the place of its value among the parameters. */
export interface Assignment {
  readonly name: string;
  readonly parameter: number;
}

/** One comparison of a WHERE clause. */
export interface Comparison extends Assignment {
  readonly operator: string;
}

/** What a statement asks for. Every value is a parameter: literals are not part of the grammar. */
export type PartiqlStatement =
  | { readonly kind: 'insert'; readonly table: string; readonly values: readonly Assignment[] }
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly assignments: readonly Assignment[];
      readonly where: readonly Comparison[];
    }
  | { readonly kind: 'delete'; readonly table: string; readonly where: readonly Comparison[] };

/** A statement that was read, or why it was not. */
export type ParsedStatement =
  | { readonly kind: 'statement'; readonly statement: PartiqlStatement; readonly parameters: number }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * Reads the part of PartiQL that is emulated:
 *
 * ```
 * INSERT INTO "table" VALUE {'name': ?, …}
 * UPDATE "table" SET "name" = ? [SET "name" = ? …] WHERE "name" <op> ? [AND …]
 * DELETE FROM "table" WHERE "name" <op> ? [AND …]            op: = <> < <= > >=
 * ```
 * Everything else DynamoDB knows is refused by name.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
 */
export function parseStatement(text: string): ParsedStatement {
  if (text.length > limitOf('dynamodb.statement.maxLength'))
    return refused('statement is longer than 8192 characters');
  const tokens = tokenize(text);
  if (tokens === undefined) return malformed(text);
  try {
    const reader = new StatementReader(tokens);
    const statement = reader.read();
    return { kind: 'statement', statement, parameters: reader.parameters };
  } catch (error) {
    if (error instanceof NotEmulated) return refused(error.message);
    if (error instanceof Malformed) return malformed(text);
    throw error;
  }
}

const refused = (message: string): ParsedStatement => ({ kind: 'refused', message });
const malformed = (text: string): ParsedStatement =>
  refused(`Statement wasn't well formed, can't be processed: ${text}`);

class Malformed extends Error {}
class NotEmulated extends Error {
  constructor(what: string) {
    super(
      `${what} is not emulated in PartiQL; emulated are INSERT … VALUE {'name': ?}, UPDATE … SET "name" = ? WHERE and DELETE FROM … WHERE, with "name" <op> ? joined by AND`,
    );
  }
}

interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'sign';
  readonly text: string;
}

const TOKEN =
  /\s*(?:(?<word>[A-Za-z_][A-Za-z0-9_]*)|"(?<name>(?:[^"]|"")+)"|'(?<text>(?:[^']|'')*)'|(?<sign><>|<=|>=|[{}:,?=<>()[\]*.;+-]|\d+))/y;

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const source = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const { word, name, text: quoted, sign } = TOKEN.exec(source)?.groups ?? {};
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name.replaceAll('""', '"') });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll("''", "'") });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else return undefined;
  }
  return tokens;
}

const OPERATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

class StatementReader {
  readonly #tokens: readonly Token[];
  #position = 0;
  #parameters = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** How many `?` there were. */
  get parameters(): number {
    return this.#parameters;
  }

  read(): PartiqlStatement {
    const statement = this.#statement();
    const rest = this.#next();
    if (rest !== undefined) throw new NotEmulated(`'${rest.text}' after the statement`);
    return statement;
  }

  #statement(): PartiqlStatement {
    const verb = this.#keyword();
    switch (verb) {
      case 'INSERT': {
        this.#expect('INTO');
        const table = this.#table();
        this.#expect('VALUE');
        return { kind: 'insert', table, values: this.#members() };
      }
      case 'UPDATE': {
        const table = this.#table();
        const assignments: Assignment[] = [];
        while (this.#take('SET') || (assignments.length > 0 && this.#take(',')))
          assignments.push(this.#assignment());
        if (assignments.length === 0) throw this.#unlike('UPDATE without SET');
        return { kind: 'update', table, assignments, where: this.#where() };
      }
      case 'DELETE': {
        this.#expect('FROM');
        return { kind: 'delete', table: this.#table(), where: this.#where() };
      }
      case 'SELECT':
      case 'EXISTS':
        throw new NotEmulated(verb);
      default:
        throw new Malformed();
    }
  }

  #members(): readonly Assignment[] {
    this.#expect('{');
    const members: Assignment[] = [];
    do {
      const name = this.#next();
      if (name?.kind !== 'text') throw new Malformed();
      this.#expect(':');
      members.push({ name: name.text, parameter: this.#parameter() });
    } while (this.#take(','));
    this.#expect('}');
    return members;
  }

  #assignment(): Assignment {
    const name = this.#name();
    this.#expect('=');
    return { name, parameter: this.#parameter() };
  }

  #where(): readonly Comparison[] {
    this.#expect('WHERE');
    const comparisons: Comparison[] = [];
    do {
      const name = this.#name();
      const operator = this.#next()?.text ?? '';
      if (!OPERATORS.has(operator)) throw new NotEmulated(`a condition with '${operator}'`);
      comparisons.push({ name, operator, parameter: this.#parameter() });
    } while (this.#take('AND'));
    return comparisons;
  }

  #table(): string {
    const token = this.#next();
    if (token?.kind !== 'name' && token?.kind !== 'word') throw new Malformed();
    const { text } = token;
    if (this.#take('.')) throw new NotEmulated('a statement on an index');
    return text;
  }

  #name(): string {
    const token = this.#next();
    if (token?.kind === 'sign' && token.text === '(') throw new NotEmulated('a condition in brackets');
    if (token?.kind !== 'name' && token?.kind !== 'word') throw new Malformed();
    const { text } = token;
    if (this.#take('.') || this.#take('[')) throw new NotEmulated('a path into a document');
    if (token.kind === 'word' && this.#take('(')) throw new NotEmulated(`the function ${text}`);
    return text;
  }

  #parameter(): number {
    const token = this.#next();
    if (token === undefined) throw new Malformed();
    if (token.kind === 'sign' && token.text === '?') return this.#parameters++;
    throw new NotEmulated(`the value ${token.text} in place of a ? parameter`);
  }

  #keyword(): string {
    return this.#next()?.text.toUpperCase() ?? '';
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unlike(`something else where ${text} is expected`);
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#position];
    const isIt =
      token !== undefined &&
      (token.kind === 'word' || token.kind === 'sign') &&
      token.text.toUpperCase() === text;
    if (isIt) this.#position += 1;
    return isIt;
  }

  #unlike(what: string): Error {
    return this.#position >= this.#tokens.length ? new Malformed() : new NotEmulated(what);
  }

  #next(): Token | undefined {
    const token = this.#tokens[this.#position];
    this.#position += 1;
    return token;
  }
}
