import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../../core/webhook/certificate-policy.js';

/** Reads a PEM; undefined for what is no certificate. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** What the policy wants to know of a certificate. */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  const { publicKey } = certificate;
  return {
    names: [...subjectNames(certificate.subject), ...alternativeNames(certificate.subjectAltName)],
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    keyType: publicKey.asymmetricKeyType ?? 'unknown',
    keyBits: publicKey.asymmetricKeyDetails?.modulusLength ?? 0,
  };
}

/** Whether one of the issuers signed the certificate and is itself valid now. */
export function isIssuedByOneOf(
  certificate: X509Certificate,
  issuers: readonly X509Certificate[],
  now: number,
): boolean {
  return issuers.some(
    (issuer) =>
      now >= Date.parse(issuer.validFrom) &&
      now <= Date.parse(issuer.validTo) &&
      certificate.checkIssued(issuer) &&
      certificate.verify(issuer.publicKey),
  );
}

/** What is wrong with the issuers a user gives, if anything. */
export function issuerViolations(pems: readonly string[]): string[] {
  return pems.flatMap((pem, index) =>
    readCertificate(pem) === undefined ? [`certificateIssuers[${index}] is no certificate in PEM`] : [],
  );
}

/** Node shows a subject as one `NAME=value` per line, with line breaks and backslashes in values escaped. */
const subjectNames = (subject: string): string[] =>
  subject.split('\n').flatMap((line) => (line.startsWith('CN=') ? [line.slice('CN='.length)] : []));

/** `DNS:a, DNS:b`; names that hold anything odd are quoted by Node, and match nothing here. */
const alternativeNames = (names: string | undefined): string[] =>
  (names ?? '')
    .split(', ')
    .flatMap((name) => (/^DNS:[A-Za-z0-9.-]+$/.test(name) ? [name.slice('DNS:'.length)] : []));
