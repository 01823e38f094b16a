import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** Keys a request is signed with, as the SDK's providers give them. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials; it travels with the request and is signed too. */
  readonly sessionToken?: string | undefined;
}

/** What a signature holds for. */
export interface SigningScope {
  readonly region: string;
  /** The service's signing name, e.g. `sqs`. */
  readonly service: string;
}

/** A request without a query, which is all the AWS JSON protocols need. */
export interface UnsignedRequest {
  readonly method: string;
  /** As it travels, percent-encoded, beginning with a slash. */
  readonly path: string;
  /**
   * By lower-case name; all of them are signed. `host` must be among them. The same object must always say the same: what
   * is made of it is kept with it.
   */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Everything about a signature that neither the body nor the secret has a part in. */
interface Outline {
  readonly method: string;
  readonly path: string;
  readonly time: string;
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  /** The headers that are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** The canonical request up to the hash of the body. */
  readonly canonical: string;
  /** What is signed, up to the hash of the canonical request. */
  readonly toSign: string;
  /** The `authorization` header up to the signature. */
  readonly authorization: string;
}

/**
 * Signs requests with AWS Signature Version 4. The signing key is derived once per day and secret, as it is made to be, and
 * what the calls of one second have in common is written once.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class RequestSigner {
  readonly #scope: SigningScope;
  #time = { seconds: NaN, text: '' };
  #key: { readonly secret: string; readonly day: string; readonly key: KeyObject } | undefined;
  readonly #outlines = new WeakMap<UnsignedRequest['headers'], Outline>();

  constructor(scope: SigningScope) {
    this.#scope = scope;
  }

  /**
   * The headers of the request with `x-amz-date`, `x-amz-security-token` (of temporary credentials) and `authorization`.
   * @param now epoch milliseconds, as the service's clock has them
   */
  sign(request: UnsignedRequest, credentials: SigningCredentials, now: number): Record<string, string> {
    const outline = this.#outlineOf(request, credentials, this.#amzDate(now));
    const canonical = `${outline.canonical}${sha256(request.body)}`;
    const signature = createHmac('sha256', this.#keyOf(credentials.secretAccessKey, outline.time.slice(0, 8)))
      .update(`${outline.toSign}${sha256(canonical)}`)
      .digest('hex');
    return { authorization: `${outline.authorization}${signature}`, ...outline.headers };
  }

  #outlineOf(request: UnsignedRequest, credentials: SigningCredentials, time: string): Outline {
    const { method, path } = request;
    const { accessKeyId, sessionToken } = credentials;
    const known = this.#outlines.get(request.headers);
    if (
      known?.time === time &&
      known.path === path &&
      known.method === method &&
      known.accessKeyId === accessKeyId &&
      known.sessionToken === sessionToken
    )
      return known;
    const outline = this.#outline(request, credentials, time);
    this.#outlines.set(request.headers, outline);
    return outline;
  }

  #outline(request: UnsignedRequest, credentials: SigningCredentials, time: string): Outline {
    const { method, path } = request;
    const { accessKeyId, sessionToken } = credentials;
    const headers: Record<string, string> = { ...request.headers, 'x-amz-date': time };
    if (sessionToken !== undefined) headers['x-amz-security-token'] = sessionToken;
    const names = Object.keys(headers).sort();
    const signed = names.join(';');
    const lines = names.map((name) => `${name}:${trimAll(headers[name] ?? '')}\n`).join('');
    const scope = `${time.slice(0, 8)}/${this.#scope.region}/${this.#scope.service}/aws4_request`;
    return {
      method,
      path,
      time,
      accessKeyId,
      sessionToken,
      headers,
      canonical: `${method}\n${canonicalPath(path)}\n\n${lines}\n${signed}\n`,
      toSign: `${ALGORITHM}\n${time}\n${scope}\n`,
      authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=`,
    };
  }

  /** `20150830T123600Z`; many requests are signed in the same second. */
  #amzDate(now: number): string {
    const seconds = Math.floor(now / 1_000);
    if (seconds !== this.#time.seconds) this.#time = { seconds, text: amzDate(now) };
    return this.#time.text;
  }

  #keyOf(secret: string, day: string): KeyObject {
    if (this.#key?.day !== day || this.#key.secret !== secret) {
      const parts = [day, this.#scope.region, this.#scope.service, 'aws4_request'];
      const bytes = parts.reduce<Buffer>(
        (key, part) => createHmac('sha256', key).update(part).digest(),
        Buffer.from(`AWS4${secret}`),
      );
      this.#key = { secret, day, key: createSecretKey(bytes) };
    }
    return this.#key.key;
  }
}

function amzDate(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** Every service but S3 has each part of the path encoded a second time. */
function canonicalPath(path: string): string {
  return path === '/' ? path : path.split('/').map(encodePart).join('/');
}

function encodePart(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function trimAll(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

function sha256(text: string): string {
  return hash('sha256', text);
}
