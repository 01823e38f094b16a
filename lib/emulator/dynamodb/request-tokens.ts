import { hash } from 'node:crypto';
import { limitOf } from '../../contract/limits.js';

const LIFETIME_MS = limitOf('dynamodb.transaction.tokenLifetime') * 1_000;

/** What is known of a client request token. */
export type TokenState = 'new' | 'done' | 'mismatch';

/** Client request tokens of the last ten minutes: a repeated transaction is answered, not done again. */
export class RequestTokens {
  readonly #done = new Map<string, { readonly digest: string; readonly at: number }>();

  /** Whether a token was used, and whether for the same request. */
  stateOf(token: string, request: string, now: number): TokenState {
    this.#forgetOld(now);
    const known = this.#done.get(token);
    if (known === undefined) return 'new';
    return known.digest === digestOf(request) ? 'done' : 'mismatch';
  }

  /** Remembers a transaction that went through. */
  remember(token: string, request: string, now: number): void {
    this.#done.set(token, { digest: digestOf(request), at: now });
  }

  /** Tokens are kept in the order they were used, so the old ones are in front. */
  #forgetOld(now: number): void {
    for (const [token, { at }] of this.#done) {
      if (now - at < LIFETIME_MS) return;
      this.#done.delete(token);
    }
  }
}

const digestOf = (request: string): string => hash('sha256', request, 'base64');
