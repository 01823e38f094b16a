import { createSign, type KeyObject } from 'node:crypto';

/** DER tags that a certificate is made of. */
const TAG = Object.freeze({
  integer: 0x02,
  bitString: 0x03,
  nothing: 0x05,
  objectId: 0x06,
  text: 0x0c,
  sequence: 0x30,
  set: 0x31,
  generalizedTime: 0x18,
  version: 0xa0,
});

/** 1.2.840.113549.1.1.11, sha256WithRSAEncryption. */
const SHA256_WITH_RSA = Buffer.from('2a864886f70d01010b', 'hex');
/** 2.5.4.3, commonName. */
const COMMON_NAME = Buffer.from('550403', 'hex');

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), derLength(content.length), content]);
}

/** Below 128 in one byte, above as the count of the bytes that follow. */
function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

const algorithm = (): Buffer => der(TAG.sequence, der(TAG.objectId, SHA256_WITH_RSA), der(TAG.nothing));

const nameOf = (commonName: string): Buffer =>
  der(
    TAG.sequence,
    der(TAG.set, der(TAG.sequence, der(TAG.objectId, COMMON_NAME), der(TAG.text, Buffer.from(commonName)))),
  );

/** `YYYYMMDDHHMMSSZ`. */
const timeOf = (epochMs: number): Buffer =>
  der(
    TAG.generalizedTime,
    Buffer.from(new Date(epochMs).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '')),
  );

/** What a certificate says. */
export interface CertificateOptions {
  readonly commonName: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * A certificate that an RSA key signs for itself, as PEM. Node reads certificates and makes none, so it is written
 * here: a version 3 X.509 certificate without extensions.
 * @see https://datatracker.ietf.org/doc/html/rfc5280#section-4.1
 */
export function selfSignedCertificate(options: CertificateOptions): string {
  const name = nameOf(options.commonName);
  const toBeSigned = der(
    TAG.sequence,
    der(TAG.version, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.from([1])),
    algorithm(),
    name,
    der(TAG.sequence, timeOf(options.notBefore), timeOf(options.notAfter)),
    name,
    options.publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = createSign('sha256').update(toBeSigned).sign(options.privateKey);
  const unusedBits = Buffer.from([0]);
  const certificate = der(TAG.sequence, toBeSigned, algorithm(), der(TAG.bitString, unusedBits, signature));
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
