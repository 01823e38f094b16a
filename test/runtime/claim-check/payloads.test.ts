import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { codecOf, zstdOf } from '../../../lib/runtime/claim-check/compression.js';
import { readStored } from '../../../lib/runtime/claim-check/payload-reading.js';
import { storedFormOf } from '../../../lib/runtime/claim-check/payload-writing.js';

const LIMITS = { maxBytes: 4_000_000, maxRatio: 100 };

const inPieces = (bytes: Uint8Array, length = 1_000): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );

async function* served(pieces: readonly Uint8Array[], onPiece: () => void = () => undefined) {
  for (const piece of pieces) {
    await Promise.resolve();
    onPiece();
    yield piece;
  }
}

const read = (bytes: Uint8Array, contentEncoding?: string) =>
  readStored({ chunks: served(inPieces(bytes)), contentEncoding }, LIMITS);

/** Text that does not compress beyond reason, with characters of every length. */
const prose = (length: number): string =>
  Array.from(
    { length: length / 8 },
    (_, index) => `${((index * 2_654_435_761) % 99_991).toString(36)}ä😀 `,
  ).join('');

describe('a stored payload', () => {
  it.each(['none', 'gzip'] as const)(
    'trap 28: is billed by its size, so it shrinks if compressed, and comes back as it was, stored as %s',
    async (compression) => {
      const text = prose(300_000);
      const stored = await storedFormOf(text, compression, LIMITS);
      expect(stored.contentEncoding).toBe(compression === 'none' ? undefined : 'gzip');
      expect(stored.bytes.length < Buffer.byteLength(text)).toBe(compression === 'gzip');
      expect(await read(stored.bytes, stored.contentEncoding)).toEqual({
        kind: 'text',
        text,
        hash: createHash('sha256').update(text).digest('base64url'),
      });
    },
  );

  it('is not cut inside a surrogate pair', async () => {
    const text = `x${'😀'.repeat(70_000)}`;
    const { bytes, contentEncoding } = await storedFormOf(text, 'gzip', { ...LIMITS, maxRatio: 100_000 });
    expect(contentEncoding).toBe('gzip');
    const again = await readStored(
      { chunks: served(inPieces(bytes, 7)), contentEncoding },
      { ...LIMITS, maxRatio: 100_000 },
    );
    expect(again).toMatchObject({ kind: 'text', text });
  });

  it('stays as it is where compression gains nothing, or so much that it looks like a bomb', async () => {
    expect(await storedFormOf('{}', 'gzip', LIMITS)).toEqual({ bytes: Buffer.from('{}') });
    const dense = 'a'.repeat(2_000_000);
    expect((await storedFormOf(dense, 'gzip', LIMITS)).contentEncoding).toBeUndefined();
  });

  it('is refused at the first byte too many, without reading the rest', async () => {
    let pieces = 0;
    const chunks = served(inPieces(new Uint8Array(40_000_000).fill(32), 65_536), () => (pieces += 1));
    const refused = await readStored({ chunks, contentEncoding: undefined }, LIMITS);
    expect(refused).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('more than 4000000 bytes') as string,
    });
    expect(pieces).toBeLessThan(100);
  });

  it('is refused when it is a decompression bomb, by size or by ratio', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    // Room for bytes, so that it is the ratio that tells, however many pieces zlib has taken by then.
    const roomy = { ...LIMITS, maxBytes: 40_000_000 };
    const byRatio = await readStored({ chunks: served(inPieces(bomb)), contentEncoding: 'gzip' }, roomy);
    expect(byRatio).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('100 times') as string,
    });
    const bySize = await readStored(
      { chunks: served([bomb]), contentEncoding: 'gzip' },
      { maxBytes: 4_000_000, maxRatio: 100_000 },
    );
    expect(bySize).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('4000000 bytes') as string,
    });
  });

  it('is refused when it is not what its encoding says, or no text', async () => {
    expect(await read(Buffer.from('plain'), 'gzip')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('Z_DATA_ERROR') as string,
    });
    expect(await read(Uint8Array.of(0xff, 0xfe, 0x20))).toMatchObject({
      kind: 'refused',
      reason: 'the stored payload is no UTF-8 text',
    });
  });

  it('rejects when the connection breaks off: it is read again', async () => {
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    const body = new PassThrough();
    body.write('{"begin":');
    setImmediate(() => body.destroy(reset));
    await expect(readStored({ chunks: body, contentEncoding: undefined }, LIMITS)).rejects.toBe(reset);
  });

  it('is not judged by a Node that can not read it', async () => {
    expect(await read(Buffer.from('x'), 'br')).toEqual({ kind: 'unsupported', encoding: 'br' });
  });
});

describe('zstd', () => {
  it('is there exactly where Node has it', () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    expect(codecOf('zstd') !== undefined).toBe(major > 22 || (major === 22 && minor >= 15));
  });

  it("uses Node's own streams", () => {
    const [compress, expand] = [new PassThrough(), new PassThrough()];
    const codec = zstdOf({ createZstdCompress: () => compress, createZstdDecompress: () => expand });
    expect([codec?.compress(), codec?.expand()]).toEqual([compress, expand]);
    expect(zstdOf({})).toBeUndefined();
  });
});
