import { dynamoFault, dynamoOutput } from './dynamo-answers.js';
import type { DynaliteExchange, DynamoAnswer } from './dynalite-exchange.js';
import { isJsonObject, parseJsonObject, pickAttributes, type Item, type JsonObject } from './item.js';
import type { KeySchemas } from './tables.js';

/** Items that expired longer ago than this are left alone, as at AWS: their time was hardly meant as an expiry. */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 86_400;

/**
 * Time to live. An expired item stays until a sweep finds it, `latenessMs` after its time at the earliest: code that
 * trusts TTL to delete on the second must fail here, as it would at AWS.
 */
export class TimeToLive {
  readonly #ask: DynaliteExchange;
  readonly #schemas: KeySchemas;
  readonly #latenessMs: number;
  readonly #attributes = new Map<string, string>();

  constructor(ask: DynaliteExchange, schemas: KeySchemas, latenessMs: number) {
    this.#ask = ask;
    this.#schemas = schemas;
    this.#latenessMs = latenessMs;
  }

  /** UpdateTimeToLive. */
  async update(request: JsonObject): Promise<DynamoAnswer> {
    const table = String(request['TableName']);
    if ((await this.#schemas.of(table)) === undefined) return tableNotFound(table);
    const specification = request['TimeToLiveSpecification'];
    const attribute = isJsonObject(specification) ? specification['AttributeName'] : undefined;
    if (!isJsonObject(specification) || typeof attribute !== 'string' || attribute === '')
      return dynamoFault('ValidationException', 'TimeToLiveSpecification needs AttributeName and Enabled');
    const current = this.#attributes.get(table);
    const isOn = specification['Enabled'] === true;
    if (isOn === (current !== undefined))
      return dynamoFault('ValidationException', `TimeToLive is already ${isOn ? 'enabled' : 'disabled'}`);
    if (isOn) this.#attributes.set(table, attribute);
    else this.#attributes.delete(table);
    return dynamoOutput({ TimeToLiveSpecification: specification });
  }

  /** DescribeTimeToLive. */
  async describe(request: JsonObject): Promise<DynamoAnswer> {
    const table = String(request['TableName']);
    if ((await this.#schemas.of(table)) === undefined) return tableNotFound(table);
    const attribute = this.#attributes.get(table);
    return dynamoOutput({
      TimeToLiveDescription:
        attribute === undefined
          ? { TimeToLiveStatus: 'DISABLED' }
          : { TimeToLiveStatus: 'ENABLED', AttributeName: attribute },
    });
  }

  /** Forgets a table that is deleted. */
  forget(table: string): void {
    this.#attributes.delete(table);
  }

  /** Whether any table has items that may expire. */
  get isUsed(): boolean {
    return this.#attributes.size > 0;
  }

  /** Deletes what expired long enough before `now`, and says how many items that were. */
  async sweep(now: number): Promise<number> {
    let deleted = 0;
    for (const [table, attribute] of this.#attributes)
      deleted += await this.#sweepTable(table, attribute, now);
    return deleted;
  }

  async #sweepTable(table: string, attribute: string, now: number): Promise<number> {
    const names = await this.#schemas.of(table);
    if (names === undefined) return 0;
    const before = Math.floor((now - this.#latenessMs) / 1_000);
    const filter = {
      TableName: table,
      ExpressionAttributeNames: { '#ttl': attribute },
      ExpressionAttributeValues: {
        ':before': { N: String(before) },
        ':oldest': { N: String(before - OLDEST_EXPIRY_SECONDS) },
      },
    };
    const condition = '#ttl < :before AND #ttl > :oldest';
    let deleted = 0;
    let start: unknown;
    do {
      const page = parseJsonObject(
        (
          await this.#ask(
            'Scan',
            JSON.stringify({
              ...filter,
              FilterExpression: condition,
              ...(start !== undefined && { ExclusiveStartKey: start }),
            }),
          )
        ).body,
      );
      const items = Array.isArray(page?.['Items']) ? (page['Items'] as readonly Item[]) : [];
      for (const item of items) {
        const key = pickAttributes(item, names);
        const answer = await this.#ask(
          'DeleteItem',
          JSON.stringify({ ...filter, Key: key, ConditionExpression: condition }),
        );
        if (answer.status === 200) deleted += 1;
      }
      start = page?.['LastEvaluatedKey'];
    } while (start !== undefined);
    return deleted;
  }
}

/** The refusal for a table that isn't there. */
export const tableNotFound = (table: string): DynamoAnswer =>
  dynamoFault('ResourceNotFoundException', `Requested resource not found: Table: ${table} not found`);
