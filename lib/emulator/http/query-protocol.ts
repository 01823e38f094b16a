import type { ApiFault } from '../engine.js';
import type { WireResponse } from './wire.js';
import { escapeXml } from './xml.js';

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

/** Members whose text is a truth value; every other scalar of SNS stays text. */
const BOOLEANS: ReadonlySet<string> = new Set(['ReturnSubscriptionArn']);
/** Members that are maps: the query protocol writes maps and structures differently, and values don't tell. */
const MAPS: ReadonlySet<string> = new Set(['Attributes', 'attributes']);

type Node = string | Map<string, Node>;

/**
 * Decodes form parameters into the shape the SDK's input had: `X.member.1` into lists, `X.entry.1.key` (or `.Name`)
 * into maps, dotted names into structures.
 */
export function decodeQueryInput(parameters: URLSearchParams): Readonly<Record<string, unknown>> {
  const root = new Map<string, Node>();
  for (const [path, value] of parameters)
    if (path !== 'Action' && path !== 'Version') insert(root, path.split('.'), value);
  const input: Record<string, unknown> = {};
  for (const [name, node] of root) input[name] = toValue(name, node);
  return input;
}

function insert(root: Map<string, Node>, path: readonly string[], value: string): void {
  let node = root;
  for (const name of path.slice(0, -1)) {
    const next = node.get(name);
    if (next instanceof Map) node = next;
    else {
      const made = new Map<string, Node>();
      node.set(name, made);
      node = made;
    }
  }
  const last = path.at(-1);
  if (last !== undefined) node.set(last, value);
}

function toValue(name: string, node: Node): unknown {
  if (typeof node === 'string') return BOOLEANS.has(name) ? node === 'true' : node;
  const members = node.get('member');
  if (members instanceof Map) return inOrder(members).map((item) => toValue(name, item));
  const entries = node.get('entry');
  if (entries instanceof Map)
    return Object.fromEntries(inOrder(entries).map((entry) => toMapEntry(name, entry)));
  return Object.fromEntries([...node].map(([key, member]) => [key, toValue(key, member)]));
}

function toMapEntry(name: string, entry: Node): [string, unknown] {
  if (typeof entry === 'string') return [entry, ''];
  const key = entry.get('key') ?? entry.get('Name');
  const value = entry.get('value') ?? entry.get('Value') ?? '';
  return [typeof key === 'string' ? key : '', toValue(name, value)];
}

const inOrder = (items: ReadonlyMap<string, Node>): readonly Node[] =>
  [...items].sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);

/** Encodes an answer the way the SDK's SNS client reads it. */
export function encodeQueryOutput(
  operation: string,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): WireResponse {
  const result = Object.entries(output)
    .map(([name, value]) => element(name, value))
    .join('');
  return xml(
    200,
    requestId,
    `<${operation}Response xmlns="${NAMESPACE}"><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
  );
}

/** Encodes a fault. The code is the query protocol's own name, which drops the `Exception` of most shapes. */
export function encodeQueryFault(fault: ApiFault, requestId: string): WireResponse {
  const code = fault.queryCode ?? fault.code.replace(/Exception$/, '');
  const type = fault.status >= 500 ? 'Receiver' : 'Sender';
  const details = Object.entries(fault.details ?? {}).map(([name, value]) => element(name, value));
  return xml(
    fault.status,
    requestId,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(fault.message)}</Message>${details.join('')}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  );
}

const xml = (status: number, requestId: string, body: string): WireResponse => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
  body,
});

function element(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  return `<${name}>${content(name, value)}</${name}>`;
}

function content(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item: unknown) => element('member', item)).join('');
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return MAPS.has(name)
      ? entries
          .map(([key, item]) => `<entry>${element('key', key)}${element('value', item)}</entry>`)
          .join('')
      : entries.map(([key, item]) => element(key, item)).join('');
  }
  return escapeXml(String(value));
}
