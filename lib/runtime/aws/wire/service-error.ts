/** An answer of the service that is no success, in the shape of the SDK's errors, so that one classification serves both. */
export interface ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId?: string };
}

/** The parts of an HTTP answer that tell what went wrong. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** What an answer says of a refusal, as far as it says it. */
interface Refusal {
  readonly name: string | undefined;
  readonly message: string | undefined;
  readonly status: number;
  readonly requestId: string | undefined;
}

/** Makes the error of a refusal; what does not say its name keeps its status. */
export function serviceError({ name, message, status, requestId }: Refusal): ServiceError {
  return Object.assign(new Error(message ?? `HTTP ${status}`), {
    name: name ?? 'UnknownError',
    $metadata: { httpStatusCode: status, ...(requestId !== undefined && { requestId }) },
  });
}

/** Reads a refusal of the AWS JSON protocols; an answer of something else on the way (a proxy) keeps its status. */
export function jsonErrorOf(answer: FailedAnswer): ServiceError {
  const body = jsonObject(answer.body);
  const named = textOf(answer.headers['x-amzn-errortype']) ?? textOf(body['__type']) ?? textOf(body['code']);
  return serviceError({
    name: named === undefined ? undefined : shapeName(named),
    message: textOf(body['message']) ?? textOf(body['Message']),
    status: answer.status,
    requestId: textOf(answer.headers['x-amzn-requestid']),
  });
}

/** A failure between us and the service, told from others by its name alone. */
export function transportError(name: 'TimeoutError' | 'AbortError', message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** The other side closed the connection; named as Node names it. */
export function connectionLost(): Error {
  return Object.assign(new Error('the connection was closed by the other side'), { code: 'ECONNRESET' });
}

/** An answer that can't be what the service sent; the next one may be. */
export function damagedAnswer(message: string): Error {
  return Object.assign(new Error(message), { name: 'DamagedAnswer', $retryable: {} });
}

/** `com.amazonaws.sqs#QueueDoesNotExist` and `QueueDoesNotExist:http://…` are both of them the name between. */
function shapeName(named: string): string {
  return named.slice(named.indexOf('#') + 1).replace(/:.*$/, '');
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
