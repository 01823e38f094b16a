import { refuse, type Refusal } from './answers.js';

/** Continuation tokens of lists live as long as shard iterators. */
const TOKEN_LIFETIME_MS = 300_000;

/** What a continuation token carries: whose list it is, the last item given, and the filter that still applies. */
export interface PageToken {
  readonly of: string;
  readonly after: string;
  readonly filter?: string;
}

/** Writes a continuation token. */
export const formatPageToken = (token: PageToken, now: number): string =>
  Buffer.from(JSON.stringify({ ...token, issuedAt: now })).toString('base64');

/** Reads a continuation token: refused when it is none of ours or older than five minutes. */
export function parsePageToken(
  text: string,
  now: number,
): { readonly kind: 'token'; readonly token: PageToken } | Refusal {
  const invalid = refuse('InvalidArgumentException', `NextToken ${text.slice(0, 40)} is invalid.`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return invalid;
  }
  if (typeof value !== 'object' || value === null) return invalid;
  const { of, after, filter, issuedAt } = value as Readonly<Record<string, unknown>>;
  if (typeof of !== 'string' || typeof after !== 'string' || typeof issuedAt !== 'number') return invalid;
  if (now - issuedAt > TOKEN_LIFETIME_MS)
    return refuse(
      'ExpiredNextTokenException',
      `NextToken expired: it is older than ${TOKEN_LIFETIME_MS} ms.`,
    );
  return { kind: 'token', token: { of, after, ...(typeof filter === 'string' && { filter }) } };
}
