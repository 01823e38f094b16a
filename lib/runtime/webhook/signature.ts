import { verify, type KeyObject } from 'node:crypto';
import { canonicalText, type SnsMessage } from '../../core/webhook/sns-message.js';

const DIGESTS = { '1': 'sha1', '2': 'sha256' } as const;

/** Whether the holder of the key signed this very message: RSASSA-PKCS1-v1_5. */
export function isSignedWith(message: SnsMessage, key: KeyObject): boolean {
  const text = Buffer.from(canonicalText(message), 'utf8');
  return verify(DIGESTS[message.signatureVersion], text, key, Buffer.from(message.signature, 'base64'));
}
