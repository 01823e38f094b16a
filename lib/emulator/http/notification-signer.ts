import { createSign, generateKeyPairSync } from 'node:crypto';
import type { Sign } from '../sns/options.js';
import { selfSignedCertificate } from './certificate.js';

/** Signs notifications, and shows the certificate to verify them with. */
export interface NotificationSigner {
  readonly sign: Sign;
  /** PEM. */
  certificate(): string;
}

const KEY_BITS = 2_048;
const YEAR_MS = 365 * 86_400_000;

/**
 * Makes a signer with a key pair of its own. The key is made when it is first needed: making one takes longer than the
 * whole start of the emulator.
 */
export function createNotificationSigner(now: number): NotificationSigner {
  let keys: ReturnType<typeof makeKeys> | undefined;
  const held = (): ReturnType<typeof makeKeys> => (keys ??= makeKeys(now));
  return {
    sign: (text, version) =>
      createSign(version === '1' ? 'sha1' : 'sha256')
        .update(text)
        .sign(held().privateKey, 'base64'),
    certificate: () => held().certificate,
  };
}

function makeKeys(now: number) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS });
  const certificate = selfSignedCertificate({
    commonName: 'sns.amazonaws.com',
    privateKey,
    publicKey,
    notBefore: now - 86_400_000,
    notAfter: now + YEAR_MS,
  });
  return { privateKey, certificate };
}
