import { TYPE_ATTRIBUTE, type AttributeValue } from '../../lib/contract/index.js';

/** A filter policy on message attributes, as SNS holds it. */
export type FilterPolicy = Readonly<Record<string, unknown>>;

/** A type that passes the filter, or the first that the destination carries. */
export function typeFor(filter: FilterPolicy, carried: readonly string[]): string {
  const wanted = filter[TYPE_ATTRIBUTE];
  const [first] = Array.isArray(wanted) ? (wanted as readonly unknown[]) : [];
  return typeof first === 'string' ? first : (carried[0] ?? 'probe');
}

/** Attributes, beside the type, that pass the filter. */
export function attributesFor(filter: FilterPolicy): Readonly<Record<string, AttributeValue>> {
  const { $or: alternatives, ...plain } = filter;
  const [alternative] = Array.isArray(alternatives) ? (alternatives as readonly FilterPolicy[]) : [];
  const fields = Object.entries({ ...plain, ...alternative }).filter(([name]) => name !== TYPE_ATTRIBUTE);
  return Object.fromEntries(fields.flatMap(([name, conditions]) => matchFor(name, conditions)));
}

function matchFor(name: string, conditions: unknown): readonly (readonly [string, AttributeValue])[] {
  const [first] = Array.isArray(conditions) ? (conditions as readonly unknown[]) : [];
  if (typeof first === 'string' || typeof first === 'number') return [[name, first]];
  const { prefix, suffix, exists, numeric } = (first ?? {}) as Readonly<Record<string, unknown>>;
  if (exists === false) return [];
  if (typeof prefix === 'string') return [[name, `${prefix}x`]];
  if (typeof suffix === 'string') return [[name, `x${suffix}`]];
  if (Array.isArray(numeric)) return [[name, numberFor(numeric as readonly unknown[])]];
  return [[name, 'anything']]; // exists: true, anything-but
}

/** `['>=', 5]` → 5, `['>', 5]` → 6, `['<', 5]` → 4; of a range its lower end. */
function numberFor([operator, bound]: readonly unknown[]): number {
  const step = operator === '>' ? 1 : operator === '<' ? -1 : 0;
  return Number(bound) + step;
}
