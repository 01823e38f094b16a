import http from 'node:http';
import https from 'node:https';
import { MillraceError } from '../core/errors.js';
import { errorCode } from './aws-error.js';

/** How long an endpoint may take to answer at all, in milliseconds. */
const ANSWER_WITHIN_MS = 5_000;

/**
 * Makes sure that something answers at an endpoint, whatever it says: without this, every client retries on its own and
 * the user waits for the slowest of them.
 * @throws {ENDPOINT_UNREACHABLE} nothing answers within 5 s: start the emulator, or correct the address
 */
export async function assertReachable(endpoint: string): Promise<void> {
  try {
    await firstAnswer(new URL(endpoint));
  } catch (cause) {
    throw new MillraceError(
      'ENDPOINT_UNREACHABLE',
      `${endpoint} does not answer (${errorCode(cause)}): start the emulator there ('millrace local' starts one), or correct the endpoint`,
      { cause },
    );
  }
}

function firstAnswer(url: URL): Promise<void> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    // A certificate that is not trusted is an answer too; the clients that are configured for it decide.
    const asked = request(url, {
      method: 'GET',
      timeout: ANSWER_WITHIN_MS,
      agent: false,
      rejectUnauthorized: false,
    });
    asked.on('response', (response) => {
      response.resume();
      asked.destroy();
      resolve();
    });
    asked.on('timeout', () => {
      asked.destroy(
        Object.assign(new Error('no answer'), { code: `no answer in ${ANSWER_WITHIN_MS / 1_000} s` }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}
