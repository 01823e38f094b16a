import { MillraceError } from '../core/errors.js';
import { asText, glimpse, isList, isObject, type Json, type JsonObject } from './json.js';

/**
 * Reads the resolved properties of one resource, and remembers which were read: what nobody read was not taken over,
 * and has to be named rather than dropped in silence. Templates may write numbers and booleans as text.
 */
export class PropertyReader {
  readonly #values: JsonObject;
  readonly #where: string;
  readonly #read = new Set<string>();

  constructor(values: JsonObject, where: string) {
    this.#values = values;
    this.#where = where;
  }

  text(name: string): string | undefined {
    const value = this.json(name);
    return value === undefined ? undefined : (asText(value) ?? this.#refuse(name, 'text', value));
  }

  requiredText(name: string): string {
    return this.text(name) ?? this.#refuse(name, 'given', undefined);
  }

  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    return Number.isFinite(value) ? value : this.#refuse(name, 'a number', text);
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return text === 'true' || text === 'false' ? text === 'true' : this.#refuse(name, 'true or false', text);
  }

  /** A JSON document as text, whether the template gives it as an object or as text already. */
  document(name: string): string | undefined {
    const value = this.json(name);
    return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((item) => asText(item) ?? this.#refuse(name, 'a list of texts', item));
  }

  objects(name: string): readonly PropertyReader[] {
    return this.#list(name).map((item, index) => this.#inner(item, `${name}[${index}]`));
  }

  object(name: string): PropertyReader | undefined {
    const value = this.json(name);
    return value === undefined ? undefined : this.#inner(value, name);
  }

  /** CloudFormation's `[{Key, Value}]` as a map, or undefined where there are none. */
  tags(): Readonly<Record<string, string>> | undefined {
    const tags = this.objects('Tags').map((tag) => [tag.requiredText('Key'), tag.requiredText('Value')]);
    return tags.length === 0 ? undefined : (Object.fromEntries(tags) as Record<string, string>);
  }

  json(name: string): Json | undefined {
    this.#read.add(name);
    return this.#values[name];
  }

  /** Properties that nobody has read. */
  unread(): readonly string[] {
    return Object.keys(this.#values).filter((name) => !this.#read.has(name));
  }

  #list(name: string): readonly Json[] {
    const value = this.json(name) ?? [];
    return isList(value) ? value : this.#refuse(name, 'a list', value);
  }

  #inner(value: Json, name: string): PropertyReader {
    if (!isObject(value)) return this.#refuse(name, 'an object', value);
    return new PropertyReader(value, `${this.#where}.${name}`);
  }

  #refuse(name: string, expected: string, got: Json | undefined): never {
    throw new MillraceError(
      'ASSEMBLY_INVALID',
      `${this.#where}.${name} must be ${expected}, got ${glimpse(got)}`,
    );
  }
}
