/** A body that came in chunks: what it is, and the trailers behind it. */
export interface DechunkedBody {
  readonly bytes: Uint8Array;
  /** Names in lower case. */
  readonly trailers: Readonly<Record<string, string>>;
}

/**
 * Takes the `aws-chunked` encoding off: `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, a chunk of length 0, trailers.
 * Undefined when it is not that. Signatures are not checked, as nowhere in this emulator.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function dechunk(body: Uint8Array): DechunkedBody | undefined {
  const source = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = source.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const head = /^([0-9a-fA-F]{1,8})(?:;|$)/.exec(source.toString('latin1', at, lineEnd));
    if (head === null) return undefined;
    const length = parseInt(head[1] ?? '', 16);
    const start = lineEnd + 2;
    if (length === 0)
      return { bytes: Buffer.concat(chunks), trailers: readTrailers(source.toString('latin1', start)) };
    if (source.toString('latin1', start + length, start + length + 2) !== '\r\n') return undefined;
    chunks.push(source.subarray(start, start + length));
    at = start + length + 2;
  }
}

function readTrailers(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
