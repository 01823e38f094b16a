import fc from 'fast-check';
import { AnswerReader, type WireAnswer } from '../../../../lib/runtime/aws/wire/http-answer.js';

/** Feeds an answer in pieces cut at the given places. */
function read(
  text: string,
  { cuts = [], maxBytes = 10_000 }: { cuts?: readonly number[]; maxBytes?: number } = {},
) {
  const bytes = Buffer.from(text);
  const reader = new AnswerReader(maxBytes);
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  let answer: WireAnswer | undefined;
  [0, ...places].forEach((start, at) => {
    answer = reader.push(bytes.subarray(start, places[at] ?? bytes.length)) ?? answer;
  });
  return { answer, reader };
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('an answer reader', () => {
  it('reads status, headers by lower-case name and a body of stated length', () => {
    const { answer } = read(
      `${OK}Content-Type:  text/plain \r\nX-Amzn-RequestId: 7\r\nContent-Length: 5\r\n\r\nhällo`.replace(
        'hällo',
        'hallo',
      ),
    );
    expect(answer).toMatchObject({ status: 200, body: 'hallo', isReusable: true });
    expect(answer?.headers).toEqual({
      'content-type': 'text/plain',
      'x-amzn-requestid': '7',
      'content-length': '5',
    });
  });

  it('reads the same whatever the pieces are', () => {
    const body = '{"text":"grüße, 世界 🎉"}';
    const chunks = [body.slice(0, 9), body.slice(9, 13), body.slice(13)].map(
      (chunk) => `${Buffer.byteLength(chunk).toString(16)};ext=1\r\n${chunk}\r\n`,
    );
    fc.assert(
      fc.property(
        fc.constantFrom(
          `${OK}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
          `${OK}Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`,
          `HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        ),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (text, cuts) => {
          const { answer } = read(text, { cuts });
          expect(answer).toMatchObject({ status: 200, body, isReusable: true });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('takes an answer without a length as ended by the end of the connection, which is then used up', () => {
    const { answer, reader } = read(`${OK}\r\nall of it`);
    expect(answer).toBeUndefined();
    expect(reader.end()).toMatchObject({ body: 'all of it', isReusable: false });
  });

  it.each([
    {
      why: 'the other side says so',
      head: 'HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 0\r\n\r\n',
    },
    { why: 'it is HTTP/1.0', head: 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n' },
    { why: 'trailers came', head: `${OK}transfer-encoding: chunked\r\n\r\n0\r\nx: y\r\n\r\n` },
  ])('does not reuse a connection when $why', ({ head }) => {
    expect(read(head).answer).toMatchObject({ isReusable: false });
  });

  it('reads an answer that has no body', () => {
    expect(read('HTTP/1.1 204 No Content\r\n\r\n').answer).toMatchObject({ status: 204, body: '' });
  });

  it.each([
    { what: 'another protocol', text: 'SSH-2.0-OpenSSH\r\n\r\n' },
    { what: 'two lengths', text: `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab` },
    {
      what: 'a length and chunks',
      text: `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    },
    { what: 'an encoding beside chunks', text: `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n` },
    { what: 'a length that is no number', text: `${OK}content-length: -1\r\n\r\n` },
    {
      what: 'two encodings',
      text: `${OK}transfer-encoding: chunked\r\ntransfer-encoding: gzip\r\n\r\n0\r\n\r\n`,
    },
    { what: 'a line that ends in half', text: `${OK}a: b\nc: d\r\ncontent-length: 1\r\n\r\na` },
    { what: 'a status of two digits', text: 'HTTP/1.1 20\r\ncontent-length: 1\r\n\r\na' },
    { what: 'a folded header', text: `${OK}a: b\r\n c\r\n\r\n` },
    { what: 'a space before the colon', text: `${OK}content-length : 1\r\n\r\na` },
    { what: 'more than it said', text: `${OK}content-length: 1\r\n\r\nab` },
    { what: 'a chunk without a length', text: `${OK}transfer-encoding: chunked\r\n\r\nzz\r\n` },
    { what: 'a chunk longer than it says', text: `${OK}transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n` },
    { what: 'an endless chunk line', text: `${OK}transfer-encoding: chunked\r\n\r\n${'1'.repeat(2_000)}` },
    { what: 'an endless head', text: `${OK}a: ${'b'.repeat(70_000)}` },
    { what: 'a body above the limit', text: `${OK}content-length: 10001\r\n\r\n` },
    { what: 'chunks above the limit', text: `${OK}transfer-encoding: chunked\r\n\r\nffffff\r\n` },
    { what: 'an endless body above the limit', text: `${OK}\r\n${'a'.repeat(10_001)}` },
  ])('rejects $what', ({ text }) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'DamagedAnswer' }) as Error);
  });

  it('rejects an answer that breaks off', () => {
    const { reader } = read(`${OK}content-length: 5\r\n\r\nabc`);
    expect(() => reader.end()).toThrow(expect.objectContaining({ name: 'DamagedAnswer' }) as Error);
  });
});
