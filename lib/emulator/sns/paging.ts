/** One page of a listing. */
export interface Page<T> {
  readonly items: readonly T[];
  /** `NextToken` when there is more. */
  readonly next: Readonly<Record<string, string>>;
}

/**
 * The page that follows a token. The token is a position, as in AWS nothing promises a stable listing while topics
 * come and go; undefined when it is none of ours.
 */
export function pageOf<T>(all: readonly T[], token: string | undefined, size: number): Page<T> | undefined {
  const start = token === undefined || token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) return undefined;
  const end = start + size;
  const next: Readonly<Record<string, string>> =
    end < all.length ? { NextToken: Buffer.from(String(end)).toString('base64url') } : {};
  return { items: all.slice(start, end), next };
}
