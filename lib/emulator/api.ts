import type { Clock, Random } from '../core/clock.js';
import { factsOf } from './call-facts.js';
import type { CallRecord, WritableCallLog } from './calls.js';
import type { DynamoAnswer } from './dynamodb/dynalite-exchange.js';
import type { DynamoService } from './dynamodb/dynamo-service.js';
import { faultCodeOf } from './dynamodb/dynamo-answers.js';
import type { ApiFault } from './engine.js';
import { delayed, FaultyCalls, internalFailureOf, wireFaultOf } from './faulty-calls.js';
import { FaultyDynamo } from './faulty-dynamo.js';
import type { DecidingFaults, FaultEffect } from './faults.js';
import type { Caller, EngineHost, HostAnswer } from './host.js';
import { answerControl, type Controlled } from './http/control.js';
import { encodeEvents } from './http/event-stream.js';
import { encodeJsonFault, encodeJsonOutput } from './http/json-protocol.js';
import { encodeQueryFault, encodeQueryOutput } from './http/query-protocol.js';
import type { NotificationSigner } from './http/notification-signer.js';
import { encodeS3Fault, encodeS3Output } from './http/s3-answer.js';
import { datedAt, refusalOfSkew } from './skewed-clock.js';
import { routeRequest, type ApiService, type Route } from './http/route.js';
import { isWhole, type WireHandler, type WireRequest, type WireResponse } from './http/wire.js';

/** What the API is made of. */
export interface ApiParts {
  readonly clock: Clock;
  readonly host: EngineHost;
  /** Absent when DynamoDB is left out. */
  readonly dynamo: DynamoService | undefined;
  readonly calls: WritableCallLog;
  readonly faults: DecidingFaults;
  readonly sns: Controlled['sns'];
  /** Absent when notifications are not signed. */
  readonly signer: NotificationSigner | undefined;
  readonly randomId: () => string;
  readonly random: Random;
}

/** Who lets effects strike: engines answer with values, DynamoDB with text. */
interface Faulty {
  readonly calls: FaultyCalls;
  readonly dynamo: FaultyDynamo;
}

interface Answered {
  readonly response: WireResponse;
  readonly code?: string | undefined;
}

type CallRoute = Extract<Route, { readonly kind: 'engine' | 'dynamodb' }>;

/**
 * Answers HTTP requests of all services: finds the operation, lets faults strike, asks the engine or DynamoDB, encodes
 * the answer, notes the call. Where the request came from, a socket or a client in the same process, it can't tell.
 */
export function createApi(parts: ApiParts): WireHandler {
  const faulty: Faulty = {
    calls: new FaultyCalls(parts.random),
    dynamo: new FaultyDynamo(parts.random),
  };
  return async (request, caller) => {
    const route = routeRequest(request);
    switch (route.kind) {
      case 'control':
        return answerControl(route.path, request, parts);
      case 'certificate':
        return answerCertificate(parts);
      case 'unknown':
        return unknown(route.reason, parts.randomId());
      case 'malformed':
        return encodeFault(
          route.service,
          { code: 'SerializationException', message: route.reason, status: 400 },
          parts.randomId(),
        ).response;
      case 'engine':
      case 'dynamodb':
        return answerCall(parts, faulty, { route, request, caller });
    }
  };
}

interface PendingCall {
  readonly route: CallRoute;
  readonly request: WireRequest;
  readonly caller: Caller;
}

async function answerCall(
  parts: ApiParts,
  faulty: Faulty,
  { route, request, caller }: PendingCall,
): Promise<WireResponse | undefined> {
  const service: ApiService = route.kind === 'dynamodb' ? 'dynamodb' : route.service;
  const at = parts.host.now();
  const mentioned = service === 's3' ? request.path : request.body;
  const effect = parts.faults.decide({ service, operation: route.operation, request: mentioned });
  const answered =
    effect?.kind === 'skewed-clock'
      ? await performOnOtherTime(parts, faulty, { route, request, caller, effect })
      : await perform(parts, faulty, { route, caller, effect });
  if (answered === undefined) return undefined;
  const call: CallRecord = {
    at,
    service,
    operation: route.operation,
    ...factsOf(route),
    requestSize: request.bytes?.length ?? request.body.length,
    answerSize: sizeOf(answered.response.body),
    status: answered.response.status,
    code: answered.code,
    durationMs: parts.host.now() - at,
    injected: effect?.kind,
  };
  parts.calls.add(call);
  // An answer to HEAD has headers only.
  return request.method === 'HEAD' ? { ...answered.response, body: '' } : answered.response;
}

interface EffectiveCall {
  readonly route: CallRoute;
  readonly caller: Caller;
  readonly effect: FaultEffect | undefined;
}

interface SkewedCall extends PendingCall {
  readonly effect: Extract<FaultEffect, { readonly kind: 'skewed-clock' }>;
}

/** Does a call as a service does whose clock is off: unless the signature looks too old or too new to it. */
async function performOnOtherTime(
  parts: ApiParts,
  faulty: Faulty,
  { route, request, caller, effect }: SkewedCall,
): Promise<Answered | undefined> {
  const service: ApiService = route.kind === 'dynamodb' ? 'dynamodb' : route.service;
  const serviceTime = parts.host.now() + effect.skewMs;
  const refusal = refusalOfSkew(service, request, serviceTime);
  const answered =
    refusal === undefined
      ? await perform(parts, faulty, { route, caller, effect })
      : encodeFault(service, refusal, parts.randomId());
  return answered && { ...answered, response: datedAt(answered.response, serviceTime) };
}

async function perform(
  parts: ApiParts,
  faulty: Faulty,
  { route, caller, effect }: EffectiveCall,
): Promise<Answered | undefined> {
  const service: ApiService = route.kind === 'dynamodb' ? 'dynamodb' : route.service;
  const requestId = parts.randomId();
  try {
    const instead = effect === undefined ? undefined : faulty.calls.insteadOf(service, effect);
    if (instead?.kind === 'fault') return encodeFault(service, instead.fault, requestId);
    if (instead?.kind === 'wire') return { response: { ...EMPTY, fault: instead.fault } };
    const answered =
      route.kind === 'dynamodb'
        ? await askDynamo(parts, faulty, { route, effect, requestId })
        : await askEngine(parts, faulty, { route, caller, effect, requestId });
    if (answered === undefined || effect === undefined) return answered;
    if (effect.kind === 'slow') await delayed(parts.clock, effect.delayMs);
    if (effect.kind === 'error') return encodeFault(service, internalFailureOf(service), requestId);
    const fault = wireFaultOf(effect);
    return fault === undefined ? answered : { ...answered, response: { ...answered.response, fault } };
  } catch (error) {
    // A bug of the emulator, not of the caller: the caller learns which call it was, and the process lives on.
    const message = error instanceof Error ? error.message : String(error);
    const fault = { code: 'InternalFailure', message: `the emulator failed: ${message}`, status: 500 };
    return encodeFault(service, fault, requestId);
  }
}

function answerCertificate({ signer, randomId }: ApiParts): WireResponse {
  if (signer === undefined) return unknown('notifications are not signed here', randomId());
  return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body: signer.certificate() };
}

const EMPTY: WireResponse = { status: 200, headers: {}, body: '' };

interface DynamoRequest {
  readonly route: Extract<Route, { readonly kind: 'dynamodb' }>;
  readonly effect: FaultEffect | undefined;
  readonly requestId: string;
}

async function askDynamo(
  parts: ApiParts,
  faulty: Faulty,
  { route, effect, requestId }: DynamoRequest,
): Promise<Answered> {
  const { dynamo, host } = parts;
  if (dynamo === undefined)
    return encodeFault('dynamodb', { ...NOT_RUNNING, message: 'DynamoDB was left out' }, requestId);
  const ask = (body: string): Promise<DynamoAnswer> => dynamo.call(route.operation, body, host.now());
  const answer =
    effect === undefined ? await ask(route.body) : await faulty.dynamo.around(route, effect, ask);
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': requestId };
  return {
    response: { status: answer.status, headers, body: answer.body },
    code: faultCodeOf(answer),
  };
}

const NOT_RUNNING: ApiFault = { code: 'UnknownOperationException', message: '', status: 400 };

interface EngineCall extends EffectiveCall {
  readonly route: Extract<Route, { readonly kind: 'engine' }>;
  readonly requestId: string;
}

async function askEngine(
  { host }: ApiParts,
  faulty: Faulty,
  { route, caller, effect, requestId }: EngineCall,
): Promise<Answered | undefined> {
  const { service, operation, fault } = route;
  if (fault !== undefined) return encodeFault(service, fault, requestId);
  const hazard = effect?.kind === 'hazard' ? { hazard: effect.hazard } : {};
  const ask = (input: Readonly<Record<string, unknown>>): Promise<HostAnswer> =>
    host.call(service, { operation, input, ...hazard }, caller);
  const answer =
    effect === undefined ? await ask(route.input) : await faulty.calls.around(route, effect, ask);
  switch (answer.kind) {
    case 'abandoned':
      return undefined;
    case 'fault':
      return encodeFault(service, answer.fault, requestId);
    case 'events':
      return {
        response: {
          status: 200,
          headers: { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': requestId },
          body: encodeEvents(answer.events),
        },
      };
    case 'output':
      return { response: encodeOutput(route, answer.output, requestId) };
  }
}

function encodeOutput(
  { service, operation }: EngineCall['route'],
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): WireResponse {
  switch (service) {
    case 'sns':
      return encodeQueryOutput(operation, output, requestId);
    case 's3':
      return encodeS3Output(operation, output, requestId);
    case 'sqs':
    case 'kinesis':
      return encodeJsonOutput(service, output, requestId);
  }
}

function encodeFault(service: ApiService, fault: ApiFault, requestId: string): Answered {
  return { response: faultResponse(service, fault, requestId), code: fault.code };
}

function faultResponse(service: ApiService, fault: ApiFault, requestId: string): WireResponse {
  switch (service) {
    case 'sns':
      return encodeQueryFault(fault, requestId);
    case 's3':
      return encodeS3Fault(fault, requestId);
    case 'sqs':
    case 'kinesis':
    case 'dynamodb':
      return encodeJsonFault(service, fault, requestId);
  }
}

const sizeOf = (body: WireResponse['body']): number => (isWhole(body) ? body.length : 0);

const unknown = (reason: string, requestId: string): WireResponse => ({
  status: 404,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': requestId },
  body: JSON.stringify({ __type: 'UnknownOperationException', message: reason }),
});
