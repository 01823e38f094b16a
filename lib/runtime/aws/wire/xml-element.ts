import { damagedAnswer } from './service-error.js';

/** An element of an answer: either text or elements is in it, never both. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Empty where there are children. */
  readonly text: string;
}

/**
 * Reads the XML of the AWS query protocol: elements, attributes (which say nothing and are left out), text with its
 * references. Strict: whatever these answers never hold (a document type, comments, sections of character data, prefixes,
 * text beside elements, anything after the end) is refused, so nothing can be read in two ways.
 * @throws DamagedAnswer
 */
export function readXml(text: string): XmlElement {
  return new XmlReader(text).document();
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of the first child of that name. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.text;
}

const DECLARATION = /^\uFEFF?(?:<\?xml\s[^<>?]*\?>)?\s*/;
const START = /<([A-Za-z_][\w.-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const END = /<\/([A-Za-z_][\w.-]*)\s*>/y;
const REFERENCE = /&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w+));|&/g;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
/** The answers go five deep. */
const MAX_DEPTH = 16;

class XmlReader {
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = DECLARATION.exec(text)?.[0].length ?? 0;
  }

  document(): XmlElement {
    const root = this.#element(1);
    if (this.#text.slice(this.#at).trim() !== '') throw refused('goes on after its end');
    return root;
  }

  #element(depth: number): XmlElement {
    if (depth > MAX_DEPTH) throw refused('is too deep');
    const [, name = '', , isEmpty] = this.#take(START) ?? refuse('has no element where one must be');
    if (isEmpty === '/') return { name, children: [], text: '' };
    const content = this.#content(depth);
    if (this.#take(END)?.[1] !== name) throw refused('has an element that does not end');
    return { name, ...content };
  }

  #content(depth: number): Pick<XmlElement, 'children' | 'text'> {
    const text = this.#textRun();
    if (this.#isEnd()) return { children: [], text: resolveReferences(text) };
    const children: XmlElement[] = [];
    for (let run = text; ; run = this.#textRun()) {
      if (run.trim() !== '') throw refused('has text beside elements');
      if (this.#isEnd()) return { children, text: '' };
      children.push(this.#element(depth + 1));
    }
  }

  /** What is there before the next markup. */
  #textRun(): string {
    const end = this.#text.indexOf('<', this.#at);
    if (end < 0) throw refused('ends too early');
    const run = this.#text.slice(this.#at, end);
    this.#at = end;
    return run;
  }

  #isEnd(): boolean {
    return this.#text.startsWith('</', this.#at);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }
}

function resolveReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (_all, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES.get(name) ?? refuse('has a reference that XML does not know');
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return isCharacter(code) ? String.fromCodePoint(code) : refuse('has a reference to no character');
  });
}

/** @see https://www.w3.org/TR/xml/#NT-Char */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

function refuse(what: string): never {
  throw refused(what);
}

/** Its own words alone: a piece of the answer may be a piece of a message. */
const refused = (what: string): Error => damagedAnswer(`the answer ${what}`);
