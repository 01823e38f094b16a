import type { DynaliteExchange } from './dynalite-exchange.js';
import { isJsonObject, parseJsonObject, type Item } from './item.js';

/** The tables' key attributes, asked once per table: a DescribeTable for each transaction would double its cost. */
export class KeySchemas {
  readonly #ask: DynaliteExchange;
  readonly #names = new Map<string, readonly string[]>();

  constructor(ask: DynaliteExchange) {
    this.#ask = ask;
  }

  /** Names of a table's key attributes; undefined when there is no such table. */
  async of(table: string): Promise<readonly string[] | undefined> {
    const known = this.#names.get(table);
    if (known !== undefined) return known;
    const { status, body } = await this.#ask('DescribeTable', JSON.stringify({ TableName: table }));
    if (status !== 200) return undefined;
    const description = parseJsonObject(body)?.['Table'];
    const schema = isJsonObject(description) ? description['KeySchema'] : undefined;
    if (!Array.isArray(schema)) return undefined;
    const names = schema.filter(isJsonObject).map((element) => String(element['AttributeName']));
    this.#names.set(table, names);
    return names;
  }

  /** Forgets a table that is deleted: its successor may have another key. */
  forget(table: string): void {
    this.#names.delete(table);
  }
}

/** Reads one item, consistently. */
export async function readItem(ask: DynaliteExchange, table: string, key: Item): Promise<Item | undefined> {
  const request = JSON.stringify({ TableName: table, Key: key, ConsistentRead: true });
  const item = parseJsonObject((await ask('GetItem', request)).body)?.['Item'];
  return isJsonObject(item) ? (item as Item) : undefined;
}
