/** An attribute value in DynamoDB's JSON, e.g. `{ S: 'a' }`. */
export type AttributeValue = Readonly<Record<string, unknown>>;
/** An item, or a key. */
export type Item = Readonly<Record<string, AttributeValue>>;
/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells JSON objects from everything else. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses JSON that must be an object; undefined when it is not. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The named attributes of an item, in the order of the names. */
export const pickAttributes = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));

/** The same text for the same key, whatever the order of its attributes. */
export const keyText = (key: Item): string =>
  JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
