import type { ApiFault, ServiceName } from '../engine.js';
import { CERTIFICATE_PATH } from '../sns/notification.js';
import { decodeQueryInput } from './query-protocol.js';
import { isS3Request } from './s3-address.js';
import { readS3Request } from './s3-request.js';
import type { WireRequest } from './wire.js';

/** Services behind the port. */
export type ApiService = 'sqs' | 'sns' | 'kinesis' | 's3' | 'dynamodb';

/** Where a request is to go. */
export type Route =
  | {
      readonly kind: 'engine';
      readonly service: ServiceName;
      readonly operation: string;
      readonly input: Readonly<Record<string, unknown>>;
      /** What the protocol has to refuse, before the engine is asked. */
      readonly fault?: ApiFault;
    }
  /** DynamoDB keeps its body as text: most of it is passed on as it came. */
  | { readonly kind: 'dynamodb'; readonly operation: string; readonly body: string }
  /** The emulator's own endpoints. */
  | { readonly kind: 'control'; readonly path: string }
  /** The certificate that notifications are verified with. */
  | { readonly kind: 'certificate' }
  | { readonly kind: 'malformed'; readonly service: ApiService; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Path prefix of the emulator's own endpoints. */
export const CONTROL_PREFIX = '/_millrace/';

const TARGETS: ReadonlyMap<string, 'sqs' | 'kinesis' | 'dynamodb'> = new Map([
  ['AmazonSQS', 'sqs'],
  ['Kinesis_20131202', 'kinesis'],
  ['DynamoDB_20120810', 'dynamodb'],
]);

/** Finds what a request asks for, by `x-amz-target`, for SNS by its form, for S3 by its signature. The path says nothing: SQS clients post to queue URLs. */
export function routeRequest(request: WireRequest): Route {
  if (request.path.startsWith(CONTROL_PREFIX))
    return { kind: 'control', path: request.path.slice(CONTROL_PREFIX.length) };
  if (request.path === CERTIFICATE_PATH) return { kind: 'certificate' };
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return routeTarget(target, request.body);
  if (isS3Request(request)) return { kind: 'engine', service: 's3', ...readS3Request(request) };
  // A link in a notification, as an endpoint follows it to confirm its subscription.
  const query = request.path.indexOf('?');
  if (request.method === 'GET' && query !== -1) return routeForm(request.path.slice(query + 1));
  const contentType = request.headers['content-type'] ?? '';
  if (contentType.startsWith('application/x-www-form-urlencoded')) return routeForm(request.body);
  return {
    kind: 'unknown',
    reason: `${request.method} ${request.path} with content type '${contentType}' is no call of SQS, SNS, Kinesis, S3 or DynamoDB`,
  };
}

function routeTarget(target: string, body: string): Route {
  const dot = target.indexOf('.');
  const service = TARGETS.get(target.slice(0, dot));
  const operation = target.slice(dot + 1);
  if (service === undefined)
    return { kind: 'unknown', reason: `no service here answers to x-amz-target '${target}'` };
  if (service === 'dynamodb') return { kind: 'dynamodb', operation, body };
  const input = parseObject(body);
  return input === undefined
    ? { kind: 'malformed', service, reason: 'the body is no JSON object' }
    : { kind: 'engine', service, operation, input };
}

function routeForm(body: string): Route {
  const parameters = new URLSearchParams(body);
  const operation = parameters.get('Action');
  if (operation === null) return { kind: 'malformed', service: 'sns', reason: 'the form names no Action' };
  if (parameters.get('Version') === '2012-11-05')
    return { kind: 'malformed', service: 'sqs', reason: 'SQS is served in its JSON protocol only' };
  return { kind: 'engine', service: 'sns', operation, input: decodeQueryInput(parameters) };
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  if (body === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
