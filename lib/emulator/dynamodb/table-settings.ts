import { dynamoFault, dynamoOutput } from './dynamo-answers.js';
import type { DynamoAnswer } from './dynalite-exchange.js';
import { isJsonObject, parseJsonObject, type JsonObject } from './item.js';
import type { KeySchemas } from './tables.js';
import { tableNotFound } from './time-to-live.js';

interface Settings {
  isProtected: boolean;
  pointInTimeRecovery: boolean;
}

/**
 * What CloudFormation sets on tables and dynalite doesn't know: deletion protection (which holds) and point-in-time
 * recovery (which is kept and told).
 */
export class TableSettings {
  readonly #schemas: KeySchemas;
  readonly #tables = new Map<string, Settings>();

  constructor(schemas: KeySchemas) {
    this.#schemas = schemas;
  }

  /** Takes the settings of a CreateTable or UpdateTable. */
  take(request: JsonObject): void {
    const isProtected = request['DeletionProtectionEnabled'];
    if (typeof isProtected === 'boolean') this.#of(String(request['TableName'])).isProtected = isProtected;
  }

  /** Why a table can't be deleted, if it can't. */
  deletionMisfit(table: string): DynamoAnswer | undefined {
    if (this.#tables.get(table)?.isProtected !== true) return undefined;
    return dynamoFault(
      'ValidationException',
      `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first: ${table}`,
    );
  }

  /** Forgets a table that is deleted. */
  forget(table: string): void {
    this.#tables.delete(table);
  }

  /** UpdateContinuousBackups and DescribeContinuousBackups. */
  async backups(request: JsonObject): Promise<DynamoAnswer> {
    const table = String(request['TableName']);
    if ((await this.#schemas.of(table)) === undefined) return tableNotFound(table);
    const specification = request['PointInTimeRecoverySpecification'];
    const settings = this.#of(table);
    if (isJsonObject(specification))
      settings.pointInTimeRecovery = specification['PointInTimeRecoveryEnabled'] === true;
    const status = settings.pointInTimeRecovery ? 'ENABLED' : 'DISABLED';
    return dynamoOutput({
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: status },
      },
    });
  }

  /** Adds what is known here to an answer that describes a table. */
  describe(answer: DynamoAnswer): DynamoAnswer {
    const output = answer.status === 200 ? parseJsonObject(answer.body) : undefined;
    if (output === undefined) return answer;
    const member = 'Table' in output ? 'Table' : 'TableDescription';
    const table = output[member];
    if (!isJsonObject(table)) return answer;
    const isProtected = this.#tables.get(String(table['TableName']))?.isProtected ?? false;
    return dynamoOutput({ ...output, [member]: { ...table, DeletionProtectionEnabled: isProtected } });
  }

  #of(table: string): Settings {
    let settings = this.#tables.get(table);
    if (settings === undefined) {
      settings = { isProtected: false, pointInTimeRecovery: false };
      this.#tables.set(table, settings);
    }
    return settings;
  }
}
