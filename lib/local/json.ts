/** Any JSON value, as templates and manifests hold them. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Tells a JSON object from lists, null and everything else. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells a JSON list, which `Array.isArray` does not for readonly lists. */
export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** A value in the words of an error: short, and never more than a glimpse of a long one. */
export function glimpse(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** What a template may give for text: a number or a boolean is written as text too, as CloudFormation does it. */
export function asText(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
