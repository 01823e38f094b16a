/** One entry of W3C baggage. */
export interface BaggageItem {
  readonly key: string;
  readonly value: string;
  /** Properties as they travel, e.g. `ttl=30`. */
  readonly metadata?: string;
}

/** What the W3C recommendation obliges everybody to pass on; more than that is left out. */
const MAX_BYTES = 8_192;
const MAX_ITEMS = 64;

/** Half a character, which percent-encoding refuses. */
const LONE_SURROGATES = /\p{Surrogate}/gu;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Writes a `baggage` header: percent-encoded, at most 64 items and 8192 characters, the first ones first; undefined when
 * nothing is left to carry. Keys that are no token can't travel and are left out.
 * @see https://www.w3.org/TR/baggage/
 */
export function writeBaggage(items: readonly BaggageItem[]): string | undefined {
  const members: string[] = [];
  let bytes = -1;
  for (const { key, value, metadata } of items) {
    if (!TOKEN.test(key) || members.length === MAX_ITEMS) continue;
    const member = `${key}=${encodeURIComponent(value.replace(LONE_SURROGATES, '\uFFFD'))}${metadata === undefined || metadata === '' ? '' : `;${metadata}`}`;
    if (bytes + member.length + 1 > MAX_BYTES) continue;
    bytes += member.length + 1;
    members.push(member);
  }
  return members.length === 0 ? undefined : members.join(',');
}

/** Reads a `baggage` header; what can't be read is left out. */
export function readBaggage(header: string): readonly BaggageItem[] {
  return header.split(',').flatMap((member): BaggageItem[] => {
    const [pair = '', ...properties] = member.split(';');
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(0, at)).trim();
    const value = decoded(pair.slice(at + 1).trim());
    if (!TOKEN.test(key) || value === undefined) return [];
    const metadata = properties.join(';').trim();
    return [{ key, value, ...(metadata !== '' && { metadata }) }];
  });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
