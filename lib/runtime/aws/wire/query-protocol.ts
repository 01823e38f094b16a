import { damagedAnswer, serviceError, type FailedAnswer, type ServiceError } from './service-error.js';
import { childOf, readXml, textOf, type XmlElement } from './xml-element.js';

/** The body of a request in the AWS query protocol. */
export class QueryForm {
  #text: string;

  constructor(action: string, version: string) {
    this.#text = `Action=${action}&Version=${version}`;
  }

  /** @param name of ASCII letters, digits and dots, which need no encoding */
  add(name: string, value: string): void {
    this.#text += `&${name}=${encodeURIComponent(value)}`;
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * The result in a successful answer.
 * @throws DamagedAnswer it is not the answer to that action
 */
export function readQueryResult(action: string, text: string): XmlElement {
  const root = readXml(text);
  const result = root.name === `${action}Response` ? childOf(root, `${action}Result`) : undefined;
  if (result === undefined) throw damagedAnswer(`the answer is none to ${action}`);
  return result;
}

/**
 * Codes of the query protocol whose error has another name in the SDK; which codes there are, depends on the service.
 * These are SNS's, of the calls that publish: all of them but one are named by adding `Exception`.
 */
const NAMES: ReadonlyMap<string, string> = new Map([
  ...[
    'AuthorizationError',
    'BatchEntryIdsNotDistinct',
    'BatchRequestTooLong',
    'EmptyBatchRequest',
    'EndpointDisabled',
    'InternalError',
    'InvalidBatchEntryId',
    'InvalidParameter',
    'InvalidSecurity',
    'KMSAccessDenied',
    'KMSDisabled',
    'KMSInvalidState',
    'KMSNotFound',
    'KMSThrottling',
    'NotFound',
    'PlatformApplicationDisabled',
    'Throttled',
    'TooManyEntriesInBatchRequest',
  ].map((code) => [code, `${code}Exception`] as const),
  ['ParameterValueInvalid', 'InvalidParameterValueException'],
]);

/** Reads a refusal of the AWS query protocol; an answer of something else on the way (a proxy) keeps its status. */
export function queryErrorOf({ status, headers, body }: FailedAnswer): ServiceError {
  const root = elementOf(body);
  const error = root?.name === 'ErrorResponse' ? childOf(root, 'Error') : undefined;
  const code = textOf(error, 'Code');
  const requestId = headers['x-amzn-requestid'] ?? textOf(root, 'RequestId');
  return serviceError({
    name: code === undefined ? undefined : (NAMES.get(code) ?? code),
    message: textOf(error, 'Message'),
    status,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  });
}

function elementOf(text: string): XmlElement | undefined {
  try {
    return readXml(text);
  } catch {
    return undefined; // a page of a gateway: its status says enough
  }
}
