import { damagedAnswer } from './service-error.js';

/** A name is a token, with no space before the colon, and lines are not folded: what is lax here was used in attacks. */
const HEAD = /^HTTP\/1\.[01] \d{3}(?: [^\r\n]*)?(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n]*)*$/;
const STATUS_LINE = /^HTTP\/1\.[01] \d{3}(?: |\r|$)/;
const MINOR_VERSION_AT = 7;
const STATUS_AT = 9;
const STATUS_END = 12;

/**
 * The head of an HTTP/1.1 answer. Headers are looked up in its text: of a dozen that a service sends, an answer that went
 * well is asked for three.
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export class AnswerHead {
  readonly status: number;
  readonly #text: string;

  /**
   * @param text up to the empty line, without it
   * @throws DamagedAnswer for whatever is not strictly one
   */
  constructor(text: string) {
    if (!STATUS_LINE.test(text)) throw damagedAnswer('the answer is no HTTP/1.1');
    if (!HEAD.test(text)) throw damagedAnswer('a header of the answer is malformed');
    this.#text = text;
    this.status = Number(text.slice(STATUS_AT, STATUS_END));
  }

  /** Whether the other side means to take another request on this connection. */
  get isKeptAlive(): boolean {
    return (
      this.#text[MINOR_VERSION_AT] === '1' &&
      !this.values('connection').some((value) => value.toLowerCase().includes('close'))
    );
  }

  /** All values of a header, in their order. @param name in lower case */
  values(name: string): readonly string[] {
    const values: string[] = [];
    const text = this.#text;
    for (let end = text.indexOf('\r\n'); end >= 0;) {
      const start = end + 2;
      const colon = start + name.length;
      end = text.indexOf('\r\n', start);
      if (text[colon] === ':' && text.slice(start, colon).toLowerCase() === name)
        values.push(text.slice(colon + 1, end < 0 ? undefined : end).trim());
    }
    return values;
  }

  /** By lower-case name; of a repeated one the last. */
  headers(): Readonly<Record<string, string>> {
    const [, ...lines] = this.#text.split('\r\n');
    return Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
  }
}
