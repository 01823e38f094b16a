import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** How payloads are stored: as they are (AWS's extended clients read nothing else), or compressed. */
export type PayloadCompression = 'none' | 'gzip' | 'zstd';

/** Both ways of one `Content-Encoding`. */
export interface Codec {
  compress(): Transform;
  expand(): Transform;
}

/** What Node has since 22.15 and the types of older versions don't know. */
interface ZstdModule {
  readonly createZstdCompress?: () => Transform;
  readonly createZstdDecompress?: () => Transform;
}

const GZIP: Codec = { compress: () => zlib.createGzip(), expand: () => zlib.createGunzip() };

/** The codec of a `Content-Encoding`; undefined where this Node has none of that name. */
export function codecOf(encoding: string): Codec | undefined {
  return encoding === 'gzip' ? GZIP : encoding === 'zstd' ? zstdOf(zlib as object) : undefined;
}

/** Zstandard, where the given zlib has it. */
export function zstdOf({ createZstdCompress, createZstdDecompress }: ZstdModule): Codec | undefined {
  if (createZstdCompress === undefined || createZstdDecompress === undefined) return undefined;
  return { compress: createZstdCompress, expand: createZstdDecompress };
}
