import type { SdkRequest, SdkResponse } from '../../lib/testing/index.js';

/** JSON as calls carry it. */
export type Json = Readonly<Record<string, unknown>>;

/** One API call between an SDK client and a service, after the wire protocol was taken off. */
export interface WireCall {
  readonly service: 'sqs' | 'dynamodb';
  readonly operation: string;
  readonly input: Json;
  readonly request: SdkRequest;
}

/** The answer to it. */
export interface WireAnswer {
  readonly status: number;
  readonly output: Json;
}

/** Sends a call on its way; rejects as a socket does. */
export type Send = (call: WireCall, signal: AbortSignal | undefined) => Promise<WireAnswer>;

/** Reads the call out of a request of SDK v3; SQS and DynamoDB both speak JSON. */
export function readCall(request: SdkRequest): WireCall {
  const target = request.headers['x-amz-target'] ?? request.headers['X-Amz-Target'] ?? '';
  const [prefix = '', operation = ''] = target.split('.');
  return {
    service: prefix === 'AmazonSQS' ? 'sqs' : 'dynamodb',
    operation,
    input: JSON.parse(textOf(request.body)) as Json,
    request,
  };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  const { buffer, byteOffset, byteLength } = body as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength).toString();
}

/** The same call with another input. */
export const withInput = (call: WireCall, input: Json): WireCall => ({
  ...call,
  input,
  request: { ...call.request, body: JSON.stringify(input) },
});

/** Answers as they came off the wire: what nobody changes needs not be written again. */
const bodies = new WeakMap<Json, Buffer>();

/** The answer as the SDK wants it. */
export const toSdkResponse = ({ status, output }: WireAnswer): { readonly response: SdkResponse } => ({
  response: {
    statusCode: status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: bodies.get(output) ?? Buffer.from(JSON.stringify(output)),
  },
});

/** Reads the answer of an emulated service. */
export function readAnswer({ statusCode, body }: SdkResponse): WireAnswer {
  const output = JSON.parse((body as Buffer).toString() || '{}') as Json;
  bodies.set(output, body as Buffer);
  return { status: statusCode, output };
}

/** Entries of a list member, or none. */
export const listIn = (json: Json, member: string): readonly Json[] =>
  (json[member] ?? []) as readonly Json[];
