/** How far a stored payload may grow when it is read. */
export interface ExpansionLimits {
  /** The largest payload, in bytes as it is published. */
  readonly maxBytes: number;
  /** How many times larger than its stored form a payload may be. */
  readonly maxRatio: number;
}

/** Below this, growth does no harm, and short payloads of one repeated thing compress extremely well. */
const HARMLESS_BYTES = 1_048_576;

/**
 * Whether a payload that has come to `expandedBytes` out of `storedBytes` may be read on. Asked with every chunk, so that a
 * decompression bomb never gets to explode.
 */
export function decideExpansion(
  read: { readonly storedBytes: number; readonly expandedBytes: number },
  { maxBytes, maxRatio }: ExpansionLimits,
): 'fine' | 'too-large' | 'too-dense' {
  const { storedBytes, expandedBytes } = read;
  if (expandedBytes > maxBytes) return 'too-large';
  return expandedBytes > HARMLESS_BYTES && expandedBytes > storedBytes * maxRatio ? 'too-dense' : 'fine';
}
