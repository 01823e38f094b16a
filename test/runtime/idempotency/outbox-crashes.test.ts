import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Pool } from 'pg';
import { createDynamoApi } from '../../../lib/runtime/aws/dynamo-api.js';
import { createGuard } from '../../../lib/runtime/idempotency/create-guard.js';
import type { GuardOutcome, HandlerEffects } from '../../../lib/runtime/idempotency/guard.js';
import type { IdempotencyStore } from '../../../lib/runtime/idempotency/store.js';
import { createOutbox } from '../../../lib/runtime/sns/outbox.js';
import { compilePublisherOptions } from '../../../lib/runtime/sns/publisher-options.js';
import { createDynamoStore } from '../../../lib/runtime/stores/dynamo-store.js';
import { createPostgresStore } from '../../../lib/runtime/stores/postgres-store.js';
import { createSystemClock } from '../../../lib/runtime/system/clock.js';
import { JobQueued } from '../sqs/fixtures.js';
import { openPglite, type PostgresServer } from '../stores/postgres-support.js';
import { EFFECTS, openLocalQueue, type LocalQueue } from '../support/local-queue.js';
import { createMortal, type Mortal } from '../support/mortal.js';

const PORTS = { clock: createSystemClock(), random: { next: () => 0.5 } };

/** A database with an effect to be committed, as a process that may die sees it. */
interface Database {
  readonly open: (mortal: Mortal) => Promise<IdempotencyStore>;
  readonly effect: (effects: HandlerEffects, name: string) => Promise<void>;
  readonly effects: () => Promise<readonly string[]>;
}

const clients: { destroy(): void }[] = [];

/** Clients of the SDK, every call of which is two steps of a process. */
function mortalSqs(mortal: Mortal): SQSClient {
  const client = new SQSClient(local.aws.clientConfig);
  client.middlewareStack.add((next) => (args) => mortal.call(() => next(args)), { step: 'initialize' });
  clients.push(client);
  return client;
}

function mortalDynamo(mortal: Mortal): DynamoDBClient {
  const client = new DynamoDBClient(local.aws.clientConfig);
  client.middlewareStack.add((next) => (args) => mortal.call(() => next(args)), { step: 'initialize' });
  clients.push(client);
  return client;
}

function onDynamo(local: LocalQueue): Database {
  const table = { table: 'jobs-idempotency', ttlAttribute: 'exp', region: local.aws.region };
  return {
    open: async (mortal) => {
      return createDynamoStore(await createDynamoApi(table, mortalDynamo(mortal)), table, PORTS);
    },
    effect: ({ write }, name) => {
      write({ Put: { TableName: EFFECTS, Item: { pk: { S: name } } } });
      return Promise.resolve();
    },
    effects: async () => (await local.effects()).map(({ pk }) => pk ?? ''),
  };
}

/** A database undoes the transaction of a connection that is gone; here the connection is taken over instead. */
function onPostgres(pool: Pool): Database {
  return {
    open: (mortal) => {
      const query = (text: string, values?: unknown[]) => mortal.call(() => pool.query(text, values));
      const connect = async () => {
        const connection = await pool.connect();
        let isOpen = true;
        const release = (): void => {
          if (isOpen) connection.release();
          isOpen = false;
        };
        void mortal.death.then(async () => {
          if (isOpen) await connection.query('ROLLBACK');
          release();
        });
        return {
          query: (text: string, values?: unknown[]) => mortal.call(() => connection.query(text, values)),
          release,
        };
      };
      return Promise.resolve(createPostgresStore({ pool: { query, connect } }));
    },
    effect: async ({ sql }, name) => {
      await sql('INSERT INTO effects VALUES ($1)', [name]);
    },
    effects: async () =>
      (await pool.query<{ name: string }>('SELECT name FROM effects')).rows.map(({ name }) => name),
  };
}

let local: LocalQueue;
let server: PostgresServer;
let cases = 0;
beforeAll(async () => {
  local = await openLocalQueue({ fifo: true });
  server = await openPglite();
  await createPostgresStore({ pool: server.pool }).ensureTables();
  await server.pool.query('CREATE TABLE effects (name text PRIMARY KEY)');
}, 60_000);
afterAll(async () => {
  for (const client of clients) client.destroy();
  await server.close();
  await local.close();
});

/** One incoming message, whose handler has an effect and publishes two messages of one group. */
function setup(database: Database) {
  const name = `case-${(cases += 1)}`;
  const handle = async (
    receiveCount: number,
    { mortal = createMortal(), fails = false }: { readonly mortal?: Mortal; readonly fails?: boolean } = {},
  ): Promise<GuardOutcome | 'dead'> => {
    const destination = { queue: local.binding, clients: { sqs: mortalSqs(mortal) }, maxAttempts: 1 };
    const outbox = createOutbox({ out: compilePublisherOptions(destination, {}) });
    const store = await database.open(mortal);
    const guard = createGuard({
      mode: 'transactional',
      store,
      onStoreOutage: 'fail-closed',
      outbox,
      retentionSeconds: 3_600,
      ...PORTS,
    });
    const attempt = `${name}.${receiveCount}`;
    const message = { key: name, hash: 'body', groupKey: '', sequence: '', receiveCount, attempt };
    const handling = guard.handle(message, {
      run: async (effects) => {
        await database.effect(effects, name);
        for (const part of [1, 2])
          effects.publish(
            await outbox.prepare('out', {
              message: JobQueued,
              payload: { job: `a-${name}-${part}` },
              options: {},
            }),
          );
        if (fails) throw new Error('no');
      },
      bypass: () => undefined,
      isHeld: () => true,
      leaseMs: 30_000,
      keep: () => undefined,
    });
    return Promise.race([handling, mortal.death]);
  };
  const isCommitted = async () => (await database.effects()).filter((each) => each === name).length;
  return { handle, isCommitted, name };
}

/** What was published of a case since the last time, in order. */
async function published(): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const asked = { QueueUrl: local.binding.url, MaxNumberOfMessages: 10 };
    const { Messages = [] } = await local.sqs.send(new ReceiveMessageCommand(asked));
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push((JSON.parse(Body) as { readonly job: string }).job);
      await local.sqs.send(new DeleteMessageCommand({ QueueUrl: local.binding.url, ReceiptHandle }));
    }
  }
}

describe('a crash at any await point of a handler that publishes', () => {
  it.each([
    ['DynamoDB', () => onDynamo(local)],
    ['PostgreSQL', () => onPostgres(server.pool)],
  ] as const)(
    'leaves it published if and only if it was committed, on %s',
    async (_name, databaseOf) => {
      const database = databaseOf();
      const whole = createMortal();
      const calm = setup(database);
      expect(await calm.handle(1, { mortal: whole })).toEqual({ kind: 'handled', isRecorded: true });
      const both = (name: string) => [`a-${name}-1`, `a-${name}-2`];
      expect(await published()).toEqual(both(calm.name));
      expect(whole.steps).toBeGreaterThanOrEqual(8);

      const commits: number[] = [];
      for (let step = 1; step <= whole.steps; step += 1) {
        const { handle, isCommitted, name } = setup(database);
        expect(await handle(1, { mortal: createMortal(step) })).toBe('dead');
        // A later delivery whose handler fails for good: only what was committed is published, whole and in order.
        await handle(2, { fails: true });
        const count = await isCommitted();
        commits.push(count);
        expect([step, await published()]).toEqual([step, count === 1 ? both(name) : []]);
      }
      expect(new Set(commits)).toEqual(new Set([0, 1]));
      for (let step = 1; step <= whole.steps; step += 1) {
        const { handle, isCommitted, name } = setup(database);
        await handle(1, { mortal: createMortal(step) });
        // A later delivery that goes well: the effect once, each message once to whoever honours the deduplication id.
        await handle(2);
        expect([step, await isCommitted(), await published()]).toEqual([step, 1, both(name)]);
      }
    },
    60_000,
  );

  it('publishes once though two copies relay at the same moment', async () => {
    const { handle, name } = setup(onDynamo(local));
    const whole = createMortal();
    await setup(onDynamo(local)).handle(1, { mortal: whole });
    await published();
    // The commit is the first call: its answer is the second step, and what follows is left to the copies.
    await handle(1, { mortal: createMortal(3) });
    const ends = await Promise.all([handle(2), handle(3), handle(4)]);
    expect(ends.map((end) => (end === 'dead' ? end : end.kind))).toEqual([
      'duplicate',
      'duplicate',
      'duplicate',
    ]);
    expect(await published()).toEqual([`a-${name}-1`, `a-${name}-2`]);
  });
});
