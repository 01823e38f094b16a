import { createHash } from 'node:crypto';
import { MillraceError } from '../../core/errors.js';

/** A connected client of the `redis` package (node-redis 4 and later). */
export interface NodeRedisClient {
  /** Sends a command as its words. */
  sendCommand(args: readonly string[]): Promise<unknown>;
}

/** A connected client of `ioredis` or `iovalkey`. */
export interface IoRedisClient {
  /** Sends a command as its words. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** Any client of Redis or Valkey that can send a raw command. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** A Lua script, and how a server that has seen it before knows it. */
export interface RedisScript {
  readonly text: string;
  readonly digest: string;
}

/** @see RedisScript */
export function createScript(text: string): RedisScript {
  return Object.freeze({ text, digest: createHash('sha1').update(text).digest('hex') });
}

/**
 * Runs a script on one key: atomic, and sent in full only to a server that does not know it yet.
 * @throws {STORE_UNAVAILABLE} the server did not answer, or answered an error
 */
export async function runScript(
  client: RedisClient,
  script: RedisScript,
  { key, args }: { readonly key: string; readonly args: readonly string[] },
): Promise<unknown> {
  try {
    try {
      return await send(client, ['EVALSHA', script.digest, '1', key, ...args]);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return await send(client, ['EVAL', script.text, '1', key, ...args]);
    }
  } catch (error) {
    throw redisError(error, 'change an idempotency record');
  }
}

/**
 * Reads fields of a hash; null where there is none.
 * @throws {STORE_UNAVAILABLE} the server did not answer, or answered an error
 */
export async function readFields(
  client: RedisClient,
  key: string,
  fields: readonly string[],
): Promise<readonly (string | null)[]> {
  try {
    const answer = await send(client, ['HMGET', key, ...fields]);
    const values: readonly unknown[] = Array.isArray(answer) ? answer : [];
    return values.map((value) => (typeof value === 'string' ? value : null));
  } catch (error) {
    throw redisError(error, 'read an idempotency record');
  }
}

/** ioredis has a `sendCommand` too, which takes something else: its own way is asked for first. */
function send(client: RedisClient, [command = '', ...args]: readonly string[]): Promise<unknown> {
  return 'call' in client ? client.call(command, ...args) : client.sendCommand([command, ...args]);
}

/** The first word of an error reply is its code: that is Redis's protocol, not prose. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.split(' ', 1)[0] === 'NOSCRIPT';
}

function redisError(cause: unknown, action: string): MillraceError {
  const name = cause instanceof Error ? cause.name : typeof cause;
  return new MillraceError(
    'STORE_UNAVAILABLE',
    `can't ${action} in Redis: got ${name}; check that the client is connected and may run scripts, see the cause`,
    { cause },
  );
}
