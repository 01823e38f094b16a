import type { ApiFault } from '../engine.js';
import type { ApiService } from './route.js';
import type { WireResponse } from './wire.js';

/** How each JSON service names its shapes and its content type. */
const DIALECTS: Readonly<Record<'sqs' | 'kinesis' | 'dynamodb', { namespace: string; contentType: string }>> =
  {
    sqs: { namespace: 'com.amazonaws.sqs', contentType: 'application/x-amz-json-1.0' },
    kinesis: { namespace: 'com.amazonaws.kinesis.v20131202', contentType: 'application/x-amz-json-1.1' },
    dynamodb: { namespace: 'com.amazonaws.dynamodb.v20120810', contentType: 'application/x-amz-json-1.0' },
  };

/** A service that speaks JSON. */
export type JsonService = Exclude<ApiService, 'sns' | 's3'>;

/** Encodes an answer. An empty output of Kinesis is an empty body, of the others an empty object, as at AWS. */
export function encodeJsonOutput(
  service: JsonService,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): WireResponse {
  const isEmpty = service === 'kinesis' && Object.keys(output).length === 0;
  return {
    status: 200,
    headers: { 'content-type': DIALECTS[service].contentType, 'x-amzn-requestid': requestId },
    body: isEmpty ? '' : JSON.stringify(output),
  };
}

/** Encodes a fault: its name in the body and, for SQS, the query protocol's older name in a header. */
export function encodeJsonFault(service: JsonService, fault: ApiFault, requestId: string): WireResponse {
  const { namespace, contentType } = DIALECTS[service];
  const side = fault.status >= 500 ? 'Receiver' : 'Sender';
  const queryError = fault.queryCode ?? (service === 'sqs' ? fault.code : undefined);
  const text = service === 'dynamodb' ? 'Message' : 'message';
  return {
    status: fault.status,
    headers: {
      'content-type': contentType,
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': fault.code,
      ...(queryError !== undefined && { 'x-amzn-query-error': `${queryError};${side}` }),
    },
    body: JSON.stringify({
      ...fault.details,
      __type: `${namespace}#${fault.code}`,
      [text]: fault.message,
    }),
  };
}
