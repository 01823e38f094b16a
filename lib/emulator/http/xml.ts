/** One element: its text, or the elements in it. Attributes carry nothing that is needed here. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
  '\n': '&#xA;',
};

/** Makes text fit for an element's content. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"'\r\n]/g, (character) => ENTITIES[character] ?? character);

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return NAMED[name ?? ''] ?? whole;
    },
  );

const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w:.-]*)[^>]*?(\/?)>|([^<]+)/g;

interface OpenElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads the XML that SDKs send: elements, text, entities, comments. Undefined for what is not well formed, and for
 * document types, which no client of AWS sends.
 */
export function parseXml(source: string): XmlElement | undefined {
  const stack: OpenElement[] = [{ name: '', children: [], text: '' }];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    if (match.index !== end) return undefined;
    end = match.index + match[0].length;
    const [, closing, name, selfClosing, text] = match;
    const top = stack.at(-1);
    if (top === undefined) return undefined;
    if (text !== undefined) top.text += unescapeXml(text);
    if (name === undefined) continue;
    if (closing === '/') {
      stack.pop();
      if (top.name !== name) return undefined;
      stack.at(-1)?.children.push(finished(top));
    } else if (selfClosing === '/') top.children.push({ name, children: [], text: '' });
    else stack.push({ name, children: [], text: '' });
  }
  const [root, ...unclosed] = stack;
  if (root === undefined || unclosed.length > 0 || end !== source.length) return undefined;
  return root.children.length === 1 && root.text.trim() === '' ? root.children[0] : undefined;
}

const finished = ({ name, children, text }: OpenElement): XmlElement => ({
  name,
  children,
  text: children.length > 0 ? '' : text,
});

/** The first child of that name. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name);

/** The text of the first child of that name. */
export const childText = (element: XmlElement | undefined, name: string): string | undefined =>
  childOf(element, name)?.text;
