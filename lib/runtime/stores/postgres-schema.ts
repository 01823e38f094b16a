/** The two tables of a PostgreSQL store, by the name of the first. */
export interface PostgresTables {
  readonly records: string;
  readonly marks: string;
}

/** Names as SQL takes them: quoted, part by part. */
export function postgresTables(table: string): PostgresTables {
  const quote = (name: string): string =>
    name
      .split('.')
      .map((part) => `"${part.replaceAll('"', '""')}"`)
      .join('.');
  return { records: quote(table), marks: quote(`${table}_marks`) };
}

/**
 * The DDL of a PostgreSQL store, for a migration; `ensureTables` runs the same.
 *
 * | column     | type   | meaning                                              |
 * |------------|--------|------------------------------------------------------|
 * | key        | text   | `<consumer>#<message type>#<business id>`            |
 * | state      | text   | `IN_PROGRESS`, `RELEASED`, `COMPLETED`               |
 * | version    | bigint | the fence                                            |
 * | owner      | text   | random id of the acquisition                         |
 * | lease_until| bigint | epoch ms                                             |
 * | expires_at | bigint | epoch seconds; `prune` removes what is older         |
 * | hash       | text   | SHA-256 of the body                                  |
 * | outbox     | text   | messages that are still to be published, as JSON     |
 *
 * Marks are compared byte by byte (`COLLATE "C"`), whatever the database's locale.
 * @param table a name, with a schema if need be: `jobs.millrace_idempotency` @default 'millrace_idempotency'
 */
export function postgresSchema(table: string = POSTGRES_STORE_DEFAULTS.table): readonly string[] {
  const { records, marks } = postgresTables(table);
  const index = `"${`${table.split('.').at(-1) ?? table}_expires_at`.replaceAll('"', '""')}"`;
  return [
    `CREATE TABLE IF NOT EXISTS ${records} (key text PRIMARY KEY, state text NOT NULL, version bigint NOT NULL, owner text NOT NULL, lease_until bigint NOT NULL, expires_at bigint NOT NULL, hash text NOT NULL, outbox text)`,
    `CREATE INDEX IF NOT EXISTS ${index} ON ${records} (expires_at)`,
    `CREATE TABLE IF NOT EXISTS ${marks} (key text PRIMARY KEY, sequence text COLLATE "C" NOT NULL, owner text NOT NULL)`,
  ];
}

/** Defaults of `PostgresStoreOptions`. */
export const POSTGRES_STORE_DEFAULTS = Object.freeze({ table: 'millrace_idempotency' });
