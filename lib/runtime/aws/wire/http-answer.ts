import { AnswerHead } from './http-head.js';
import { damagedAnswer } from './service-error.js';

/** An answer, whatever its status. */
export interface WireAnswer {
  readonly status: number;
  /** By lower-case name; of a repeated one the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the connection can carry another request. */
  readonly isReusable: boolean;
}

/** A head, and whether the connection can be used again after the answer. */
interface Begun {
  readonly head: AnswerHead;
  readonly isReusable: boolean;
}

/** What is still missing of an answer. */
type Awaited =
  | { readonly kind: 'head' }
  | ({ readonly kind: 'sized'; readonly bytes: number } & Begun)
  | ({ readonly kind: 'chunked'; readonly parts: Buffer[] } & Begun)
  | ({ readonly kind: 'until-close' } & Begun);

type Chunked = Extract<Awaited, { kind: 'chunked' }>;

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
/** Far above what any AWS service sends. */
const MAX_HEAD_BYTES = 65_536;
const MAX_CHUNK_LINE_BYTES = 1_024;

/**
 * Reads one HTTP/1.1 answer to a POST from the bytes of a connection, in whatever pieces they come. Strict: what a
 * service of AWS does not send is refused as damaged, and the connection with it.
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export class AnswerReader {
  readonly #maxBytes: number;
  #awaited: Awaited = { kind: 'head' };
  #pieces: Buffer[] = [];
  #length = 0;
  #taken = 0;

  /** @param maxBytes longest body that is taken */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether anything has come yet. */
  get hasBegun(): boolean {
    return this.#length > 0 || this.#awaited.kind !== 'head';
  }

  /**
   * Takes what came; gives the answer once it is whole. The piece is the caller's again afterwards: what has to be kept of
   * it is copied, which is nothing for an answer that comes in one.
   * @throws DamagedAnswer
   */
  push(piece: Buffer): WireAnswer | undefined {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const answer = this.#awaited.kind === 'head' && !this.#readHead() ? undefined : this.#readBody();
    if (answer === undefined) this.#own(piece);
    return answer;
  }

  /** The connection has ended; some answers end with it. @throws DamagedAnswer for one that is not whole */
  end(): WireAnswer {
    const awaited = this.#awaited;
    if (awaited.kind !== 'until-close') throw damagedAnswer('the connection ended within an answer');
    return new WholeAnswer(awaited, this.#joined());
  }

  /** Whether the head is whole; interim answers (1xx) before it are skipped. */
  #readHead(): boolean {
    for (;;) {
      const bytes = this.#joined();
      const end = bytes.indexOf(HEAD_END);
      if (end > MAX_HEAD_BYTES || (end < 0 && bytes.length > MAX_HEAD_BYTES))
        throw damagedAnswer(`the head of an answer is longer than ${MAX_HEAD_BYTES} bytes`);
      if (end < 0) return false;
      const head = new AnswerHead(bytes.toString('latin1', 0, end));
      this.#keep(bytes.subarray(end + HEAD_END.length));
      if (head.status >= 200) {
        this.#awaited = framingOf(head);
        return true;
      }
    }
  }

  #readBody(): WireAnswer | undefined {
    const awaited = this.#awaited;
    switch (awaited.kind) {
      case 'head':
        return undefined;
      case 'sized':
        this.#refuseBeyondLimit(awaited.bytes);
        if (this.#length < awaited.bytes) return undefined;
        if (this.#length > awaited.bytes) throw damagedAnswer('more came than the answer said');
        return new WholeAnswer(awaited, this.#joined());
      case 'until-close':
        this.#refuseBeyondLimit(this.#length);
        return undefined;
      case 'chunked':
        return this.#readChunks(awaited);
    }
  }

  #readChunks(awaited: Chunked): WireAnswer | undefined {
    for (;;) {
      const bytes = this.#joined();
      const lineEnd = bytes.indexOf(LINE_END);
      if (lineEnd < 0 && bytes.length <= MAX_CHUNK_LINE_BYTES) return undefined;
      const size = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(
        bytes.toString('latin1', 0, Math.max(0, lineEnd)),
      )?.[1];
      if (size === undefined) throw damagedAnswer('a chunk of an answer has no length');
      const chunkBytes = Number.parseInt(size, 16);
      this.#refuseBeyondLimit(this.#taken + chunkBytes);
      const start = lineEnd + LINE_END.length;
      if (chunkBytes === 0) return this.#readTrailer(awaited, bytes.subarray(start));
      const end = start + chunkBytes;
      if (bytes.length < end + LINE_END.length) return undefined;
      if (!bytes.subarray(end, end + LINE_END.length).equals(LINE_END))
        throw damagedAnswer('a chunk of an answer is longer than it says');
      awaited.parts.push(Buffer.from(bytes.subarray(start, end)));
      this.#taken += chunkBytes;
      this.#keep(bytes.subarray(end + LINE_END.length));
    }
  }

  /** Trailers are of no use here: an answer with some is taken, its connection is not used again. */
  #readTrailer({ head, isReusable, parts }: Chunked, rest: Buffer): WireAnswer | undefined {
    if (rest.length < LINE_END.length) return undefined;
    const isPlain = rest.equals(LINE_END);
    return new WholeAnswer({ head, isReusable: isReusable && isPlain }, Buffer.concat(parts));
  }

  #refuseBeyondLimit(bytes: number): void {
    if (bytes > this.#maxBytes)
      throw damagedAnswer(`an answer of ${bytes} bytes or more is longer than the ${this.#maxBytes} allowed`);
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const joined = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [joined];
    return joined;
  }

  /** Replaces what still lies in the caller's memory by a copy: the last piece, all others were copied before. */
  #own(piece: Buffer): void {
    const last = this.#pieces.at(-1);
    if (last?.buffer === piece.buffer) this.#pieces[this.#pieces.length - 1] = Buffer.from(last);
  }

  #keep(rest: Buffer): void {
    this.#pieces = [rest];
    this.#length = rest.length;
  }
}

/** How the body is to be read. */
function framingOf(head: AnswerHead): Awaited {
  const encodings = head.values('transfer-encoding');
  const [length, ...others] = head.values('content-length');
  const isReusable = head.isKeptAlive;
  if (others.some((other) => other !== length)) throw damagedAnswer('the answer states two lengths');
  if (encodings.length > 0) {
    if (encodings.join().toLowerCase() !== 'chunked' || length !== undefined)
      throw damagedAnswer('the answer does not say clearly where it ends');
    return { kind: 'chunked', head, isReusable, parts: [] };
  }
  if (head.status === 204 || head.status === 304) return { kind: 'sized', head, isReusable, bytes: 0 };
  if (length === undefined) return { kind: 'until-close', head, isReusable: false };
  if (!/^\d{1,15}$/.test(length)) throw damagedAnswer('the length of the answer is no number');
  return { kind: 'sized', head, isReusable, bytes: Number(length) };
}

/** An answer that is whole. Its headers are read when somebody asks for them, which is after a refusal only. */
class WholeAnswer implements WireAnswer {
  readonly status: number;
  readonly body: string;
  readonly isReusable: boolean;
  readonly #head: AnswerHead;

  constructor({ head, isReusable }: Begun, body: Buffer) {
    this.status = head.status;
    this.body = body.toString();
    this.isReusable = isReusable;
    this.#head = head;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#head.headers();
  }
}
