import { createHmac, timingSafeEqual } from 'node:crypto';

/** `sha256=<hex>` of the body as it came, with the secret that the provider was given. */
export const signatureOf = (body: Buffer | string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Whether the provider sent this very body. Takes as long for a wrong signature as for a right one. */
export function isSigned(body: Buffer, signature: string | undefined, secret: string): boolean {
  const [expected, given] = [signatureOf(body, secret), signature ?? ''].map((text) => Buffer.from(text));
  return expected?.length === given?.length && timingSafeEqual(expected ?? Buffer.of(), given ?? Buffer.of());
}
