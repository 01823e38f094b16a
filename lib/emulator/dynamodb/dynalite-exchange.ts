import type { Server } from 'node:http';
import { MillraceError } from '../../core/errors.js';

/** A raw answer of DynamoDB: status and JSON text. */
export interface DynamoAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks dynalite one thing, without a socket: JSON text in, JSON text out. */
export type DynaliteExchange = (operation: string, body: string) => Promise<DynamoAnswer>;

/** dynalite looks whether a request is signed, not by whom. */
const SIGNED = Object.freeze({
  host: 'localhost',
  'content-type': 'application/x-amz-json-1.0',
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local',
  'x-amz-date': '20260101T000000Z',
});

/** The part of `http.ServerResponse` that dynalite writes to. */
interface FakeResponse {
  statusCode: number;
  setHeader(): void;
  end(body?: string): void;
}

/** The part of `http.IncomingMessage` that dynalite reads. */
interface FakeRequest {
  readonly method: 'POST';
  readonly url: '/';
  readonly headers: Readonly<Record<string, string>>;
  on(event: string, listener: (data?: string) => void): FakeRequest;
  removeAllListeners(): void;
}

type DynaliteListener = (request: FakeRequest, response: FakeResponse) => void;

/**
 * Loads dynalite and gives its request listener, driven with objects in place of sockets.
 * @throws {DEPENDENCY_MISSING} when dynalite is not installed: it is an optional peer dependency
 */
export async function openDynalite(createTableMs: number): Promise<DynaliteExchange> {
  const dynalite = await loadDynalite();
  const server = dynalite({ createTableMs, deleteTableMs: createTableMs, updateTableMs: createTableMs });
  const listener = server.listeners('request')[0] as DynaliteListener;
  return (operation, body) => exchange(listener, operation, body);
}

type Dynalite = (options: {
  readonly createTableMs: number;
  readonly deleteTableMs: number;
  readonly updateTableMs: number;
}) => Server;

async function loadDynalite(): Promise<Dynalite> {
  try {
    const loaded = await import('dynalite');
    return loaded.default;
  } catch (cause) {
    throw new MillraceError(
      'DEPENDENCY_MISSING',
      "the local DynamoDB needs the package 'dynalite', which can't be loaded: run 'npm install --save-dev dynalite@4', or leave DynamoDB out with dynamodb: false",
      { cause },
    );
  }
}

function exchange(listener: DynaliteListener, operation: string, body: string): Promise<DynamoAnswer> {
  return new Promise((resolve) => {
    const listeners = new Map<string, (data?: string) => void>();
    const request: FakeRequest = {
      method: 'POST',
      url: '/',
      headers: { ...SIGNED, 'x-amz-target': `DynamoDB_20120810.${operation}` },
      on: (event, onEvent) => {
        listeners.set(event, onEvent);
        return request;
      },
      removeAllListeners: () => undefined,
    };
    const response: FakeResponse = {
      statusCode: 200,
      setHeader: () => undefined,
      end: (text) => resolve({ status: response.statusCode, body: text ?? '' }),
    };
    listener(request, response);
    // Text stands in for the body's buffer: dynalite asks for its length and its toString() and nothing else.
    if (body !== '') listeners.get('data')?.(body);
    listeners.get('end')?.();
  });
}
