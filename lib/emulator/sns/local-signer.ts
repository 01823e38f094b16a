import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Sign, SignatureVersion } from './options.js';

/** Signs like SNS does, with a key of its own. */
export interface LocalSigner {
  readonly sign: Sign;
  /** The certificate that verifies the signatures, as `SigningCertURL` is to serve it. */
  readonly certificatePem: () => string;
}

const DIGESTS: Readonly<Record<SignatureVersion, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' };

/**
 * Makes a signer with a self-signed certificate for `sns.amazonaws.com`. The key is made when it is first needed, as
 * that takes longer than everything else at the start. Verifiers that check who issued a certificate, or that its URL
 * is one of AWS, must be told to trust this one.
 */
export function createLocalSigner(): LocalSigner {
  let made: { readonly key: KeyObject; readonly pem: string } | undefined;
  const parts = (): { readonly key: KeyObject; readonly pem: string } => (made ??= makeCertificate());
  let last = { text: '', version: '', signature: '' };
  return {
    sign: (text, version) => {
      // One message goes to many subscriptions, and most of them sign the same text.
      if (last.text !== text || last.version !== version)
        last = {
          text,
          version,
          signature: createSign(DIGESTS[version]).update(text).sign(parts().key, 'base64'),
        };
      return last.signature;
    },
    certificatePem: () => parts().pem,
  };
}

function makeCertificate(): { readonly key: KeyObject; readonly pem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = sequence(RSA_SHA256, der(0x05));
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('sns.amazonaws.com')))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    algorithm,
    name,
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = createSign('RSA-SHA256').update(body).sign(privateKey);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.of(0), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey,
    pem: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** One DER value: tag, length, content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length;
  if (size < 0x80) return Buffer.concat([Buffer.of(tag, size), body]);
  const length = size < 0x100 ? Buffer.of(0x81, size) : Buffer.of(0x82, size >> 8, size & 0xff);
  return Buffer.concat([Buffer.of(tag), length, body]);
}

const sequence = (...items: readonly Buffer[]): Buffer => der(0x30, ...items);
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text));

/** 1.2.840.113549.1.1.11 and 2.5.4.3. */
const RSA_SHA256 = der(0x06, Buffer.from('2a864886f70d01010b', 'hex'));
const COMMON_NAME = der(0x06, Buffer.from('550403', 'hex'));
