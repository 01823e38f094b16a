import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';

/** A PostgreSQL that a suite has for itself. */
export interface PostgresServer {
  readonly pool: Pool;
  close(): Promise<void>;
}

const SERVER = require.resolve('@electric-sql/pglite-socket').replace(/index\.\w+$/, 'scripts/server.js');
const START_TIMEOUT_MS = 25_000;

/**
 * PGlite in a process of its own, spoken to over the wire with the package `pg`: it has one connection, so the pool hands
 * it from one to the next.
 */
export async function openPglite(): Promise<PostgresServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [SERVER, '--db', 'memory://', '--port', `${port}`], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 1 });
  pool.on('error', () => undefined); // the server ends before the pool does
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(pool))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('PGlite did not start');
    await sleep(100);
  }
  return {
    pool,
    close: async () => {
      await pool.end();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function answers(pool: Pool): Promise<boolean> {
  try {
    await pool.query('SELECT 1');
    return true;
  } catch {
    return false;
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
