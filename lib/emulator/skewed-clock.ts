import type { ApiFault } from './engine.js';
import type { ApiService } from './http/route.js';
import type { WireRequest, WireResponse } from './http/wire.js';

/** How far the time of a signature may be from the service's, in milliseconds. */
const TOLERATED_MS: Readonly<Record<ApiService, number>> = {
  sqs: 300_000,
  sns: 300_000,
  kinesis: 300_000,
  dynamodb: 300_000,
  s3: 900_000,
};

/** The refusals of each service, whose names the SDK takes for a clock that is to be set right. */
const REFUSALS: Readonly<Record<ApiService, Omit<ApiFault, 'message'>>> = {
  sqs: { code: 'InvalidSignatureException', status: 403, queryCode: 'SignatureDoesNotMatch' },
  sns: { code: 'SignatureDoesNotMatch', status: 403 },
  kinesis: { code: 'InvalidSignatureException', status: 400 },
  dynamodb: { code: 'InvalidSignatureException', status: 400 },
  s3: { code: 'RequestTimeTooSkewed', status: 403 },
};

/**
 * How a service whose clock says `serviceTime` (epoch milliseconds) refuses a request that was signed too long before or
 * after; undefined for one it takes, and for one without a signature.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function refusalOfSkew(
  service: ApiService,
  { headers }: WireRequest,
  serviceTime: number,
): ApiFault | undefined {
  const stamp = headers['x-amz-date'] ?? '';
  const signedAt = Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (!(Math.abs(signedAt - serviceTime) > TOLERATED_MS[service])) return undefined;
  const verdict = signedAt < serviceTime ? 'expired' : 'not yet current';
  const message = `Signature ${verdict}: ${stamp} is more than ${TOLERATED_MS[service] / 60_000} min. from ${stampOf(serviceTime)} (injected)`;
  return { ...REFUSALS[service], message };
}

/** An answer with the time of a clock of its own. */
export const datedAt = (response: WireResponse, serviceTime: number): WireResponse => ({
  ...response,
  headers: { ...response.headers, date: new Date(serviceTime).toUTCString() },
});

const stampOf = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
