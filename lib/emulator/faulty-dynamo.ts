import type { Random } from '../core/clock.js';
import { dynamoOutput } from './dynamodb/dynamo-answers.js';
import type { DynamoAnswer } from './dynamodb/dynalite-exchange.js';
import { isJsonObject, parseJsonObject, type JsonObject } from './dynamodb/item.js';
import type { FaultEffect } from './faults.js';
import { FormerAnswers } from './former-answers.js';

/** Reads that may be stale at AWS, unless they ask for consistency. */
const READS: ReadonlySet<string> = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan']);

/** One call of DynamoDB, as text. */
export interface DynamoCall {
  readonly operation: string;
  readonly body: string;
}

type Ask = (body: string) => Promise<DynamoAnswer>;

/** Lets effects strike calls of DynamoDB. */
export class FaultyDynamo {
  readonly #random: Random;
  readonly #former = new FormerAnswers<DynamoAnswer>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Does a call with an effect that changes its request or its answer. */
  async around({ operation, body }: DynamoCall, effect: FaultEffect, ask: Ask): Promise<DynamoAnswer> {
    if (effect.kind === 'stale' && READS.has(operation) && !/"ConsistentRead"\s*:\s*true/.test(body))
      return this.#former.exchange(`${operation} ${body}`, await ask(body));
    if (effect.kind === 'throttle-entries' && operation === 'BatchWriteItem')
      return this.#leaveUnprocessed(body, effect.share, ask);
    return ask(body);
  }

  /** A share of the writes comes back as unprocessed, which is how DynamoDB throttles batches. */
  async #leaveUnprocessed(body: string, share: number, ask: Ask): Promise<DynamoAnswer> {
    const request = parseJsonObject(body);
    const tables = request?.['RequestItems'];
    if (request === undefined || !isJsonObject(tables)) return ask(body);
    const kept: Record<string, unknown> = {};
    const left: Record<string, unknown> = {};
    for (const [table, writes] of Object.entries(tables)) {
      const entries: readonly unknown[] = Array.isArray(writes) ? writes : [];
      const isLeft = entries.map(() => this.#random.next() < share);
      addTable(
        kept,
        table,
        entries.filter((_, index) => isLeft[index] === false),
      );
      addTable(
        left,
        table,
        entries.filter((_, index) => isLeft[index] === true),
      );
    }
    if (Object.keys(kept).length === 0) return dynamoOutput({ UnprocessedItems: left });
    const answer = await ask(JSON.stringify({ ...request, RequestItems: kept }));
    const output = answer.status === 200 ? parseJsonObject(answer.body) : undefined;
    return output === undefined
      ? answer
      : dynamoOutput({ ...output, UnprocessedItems: mergeLeft(output, left) });
  }
}

function addTable(tables: Record<string, unknown>, table: string, writes: readonly unknown[]): void {
  if (writes.length > 0) tables[table] = writes;
}

function mergeLeft(output: JsonObject, left: JsonObject): JsonObject {
  const others = output['UnprocessedItems'];
  return isJsonObject(others) ? { ...others, ...left } : left;
}
