import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import type { SigningCredentials, UnsignedRequest } from '../../../lib/runtime/aws/wire/sigv4.js';

/** With what and when a request is signed. */
export interface OracleScope {
  readonly credentials: SigningCredentials;
  readonly region: string;
  readonly service: string;
  readonly at: Date;
}

/** The headers that the SDK's own signer gives a request. */
export async function signBySdk(
  { method, path, headers, body }: UnsignedRequest,
  { credentials: { sessionToken, ...keys }, at, ...scope }: OracleScope,
): Promise<Readonly<Record<string, string>>> {
  const credentials = { ...keys, ...(sessionToken !== undefined && { sessionToken }) };
  const signer = new SignatureV4({ ...scope, credentials, sha256: Sha256, applyChecksum: false });
  const hostname = headers['host'] ?? '';
  const request = { method, protocol: 'https:', hostname, path, headers: { ...headers }, body, query: {} };
  return (await signer.sign(request as HttpRequest, { signingDate: at })).headers;
}

/** What the SDK's signer takes for a hash. */
class Sha256 {
  readonly #chunks: Uint8Array[] = [];
  readonly #secret: Uint8Array | string | undefined;
  constructor(secret?: unknown) {
    this.#secret = secret as Uint8Array | string | undefined;
  }
  update(chunk: Uint8Array | string): void {
    this.#chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  }
  digest(): Promise<Uint8Array> {
    const data = Buffer.concat(this.#chunks);
    const hash = this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
    return Promise.resolve(hash.update(data).digest());
  }
  reset(): void {
    this.#chunks.length = 0;
  }
}
