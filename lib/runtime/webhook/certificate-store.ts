import type { KeyObject, X509Certificate } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { certificateViolation, type TopicPlace } from '../../core/webhook/certificate-policy.js';
import { factsOf, isIssuedByOneOf, readCertificate } from './certificate-facts.js';
import type { FetchCertificate } from './webhook-options.js';

/** The key that messages are to be signed with, or why there is none. */
export type SigningKey =
  | { readonly kind: 'key'; readonly key: KeyObject }
  /** Whatever is there vouches for nothing. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may be there later. */
  | { readonly kind: 'unavailable'; readonly error: Error };

/** Where signing keys come from. */
export interface CertificateStore {
  /** The key of the certificate at a URL that was allowed. */
  keyAt(url: string, place: TopicPlace): Promise<SigningKey>;
  /** Breaks off downloads. */
  close(): void;
}

/** What a store is made of. */
export interface CertificateStoreOptions {
  readonly fetchCertificate: FetchCertificate;
  readonly issuers: readonly X509Certificate[];
  readonly clock: Clock;
}

/** A region has one certificate, and two while it changes. */
const MAX_CERTIFICATES = 64;
/** Names are free to invent, so a flood of them must not become a flood of requests to SNS. */
const MAX_DOWNLOADS = 8;
const DOWNLOAD_MS = 3_000;
/** How long a failed download answers for further messages: far below the 20 seconds after which SNS tries again. */
const FAILURE_MS = 5_000;

type Download =
  | { readonly kind: 'certificate'; readonly certificate: X509Certificate }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly error: Error };

interface Held {
  readonly download: Promise<Download>;
  /** On the monotonic clock; certificates end by their own dates instead. */
  endsAt: number;
}

/**
 * Downloads certificates, once however many messages wait for one, and keeps a bounded number of them. Validity, names
 * and issuer are checked at every use: a certificate may end while it is kept, and one that is fine for a topic in one
 * region is nothing in another.
 */
export function createCertificateStore(options: CertificateStoreOptions): CertificateStore {
  const { clock, issuers } = options;
  const held = new Map<string, Held>();
  const closing = new AbortController();
  let downloading = 0;

  const start = (url: string): Promise<Download> => {
    if (downloading >= MAX_DOWNLOADS)
      return Promise.resolve(unavailable(`${MAX_DOWNLOADS} certificates are being downloaded already`));
    makeRoom(held);
    downloading += 1;
    const entry: Held = { download: download(url, options, closing.signal), endsAt: Infinity };
    held.set(url, entry);
    return entry.download.then((result) => {
      downloading -= 1;
      if (result.kind !== 'certificate') expireSoon(entry);
      return result;
    });
  };
  const expireSoon = (entry: Held | undefined): void => {
    if (entry !== undefined) entry.endsAt = Math.min(entry.endsAt, clock.monotonic() + FAILURE_MS);
  };

  return {
    keyAt: async (url, place) => {
      const known = held.get(url);
      if (known !== undefined && clock.monotonic() >= known.endsAt) held.delete(url);
      const result = await (held.get(url)?.download ?? start(url));
      if (result.kind !== 'certificate') return result;
      const now = clock.now();
      const { certificate } = result;
      const reason =
        certificateViolation(factsOf(certificate), place, now) ??
        (issuers.length === 0 || isIssuedByOneOf(certificate, issuers, now)
          ? undefined
          : 'the certificate was not issued by one of certificateIssuers');
      if (reason === undefined) return { kind: 'key', key: certificate.publicKey };
      expireSoon(held.get(url));
      return { kind: 'refused', reason };
    },
    close: () => closing.abort(),
  };
}

/** Never rejects: a failed download is an answer. */
async function download(
  url: string,
  { fetchCertificate, clock }: CertificateStoreOptions,
  closed: AbortSignal,
): Promise<Download> {
  const overdue = new AbortController();
  const timer = clock.schedule(DOWNLOAD_MS, () =>
    overdue.abort(new Error(`no certificate within ${DOWNLOAD_MS} ms`)),
  );
  const signal = AbortSignal.any([overdue.signal, closed]);
  try {
    const certificate = readCertificate(await untilAborted(fetchCertificate(url, signal), signal));
    return certificate === undefined
      ? { kind: 'refused', reason: 'what is there is no certificate' }
      : { kind: 'certificate', certificate };
  } catch (error) {
    return { kind: 'unavailable', error: error instanceof Error ? error : new Error(String(error)) };
  } finally {
    timer.cancel();
  }
}

/** A `fetchCertificate` of the user's own may ignore its signal; messages must not wait for it. */
function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Failures go first: invented names must not push out the certificate that is in use. */
function makeRoom(held: Map<string, Held>): void {
  if (held.size < MAX_CERTIFICATES) return;
  const urls = [...held.keys()];
  const leaving = urls.find((url) => held.get(url)?.endsAt !== Infinity) ?? urls[0];
  if (leaving !== undefined) held.delete(leaving);
}

const unavailable = (words: string): Download => ({ kind: 'unavailable', error: new Error(words) });
