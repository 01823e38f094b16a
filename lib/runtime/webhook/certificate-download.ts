import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { FetchCertificate } from './webhook-options.js';

/** Certificates of SNS weigh about 2 KiB. */
const MAX_BYTES = 65_536;

/**
 * Downloads a certificate. Follows no redirect: whatever stands elsewhere is not SNS's. TLS is checked against the
 * machine's roots even where the environment turns that off for the process.
 */
export const downloadCertificate: FetchCertificate = (url, signal) =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https://') ? requestHttps : requestHttp;
    const request = send(url, { agent: false, rejectUnauthorized: true, signal }, (response) => {
      readText(response).then(resolve, (error: unknown) => {
        request.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
    request.once('error', reject);
    request.end();
  });

async function readText(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200)
    throw new Error(`the certificate's host answered ${String(response.statusCode)}, allowed is 200 only`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`the certificate is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
