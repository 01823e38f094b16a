import type { EngineAdapter } from './engine.js';
import { freePort, pipFolder, pythonCommand, startProcess, type EngineProcess } from './toolchain.js';

/** Version of MiniStack that is installed, here and for deployments. */
export const MINISTACK_VERSION = '1.5.33';

/** A MiniStack of ours. */
export interface MiniStackProcess extends EngineProcess {
  readonly port: number;
}

/**
 * Installs MiniStack (PyPI) into `cache` once, in a virtual environment of its own, and starts it on loopback.
 * @throws {NotAvailable} when Python or its registry can't provide it
 */
export async function startMiniStack(
  cache: string,
  env: Readonly<Record<string, string>> = {},
): Promise<MiniStackProcess> {
  const name = `ministack-${MINISTACK_VERSION}`;
  const folder = await pipFolder(cache, name, `ministack==${MINISTACK_VERSION}`);
  const port = await freePort();
  const child = await startProcess({
    ...pythonCommand(folder, 'ministack'),
    port,
    env: { BIND_HOST: '127.0.0.1', GATEWAY_PORT: `${port}`, ...env },
  });
  return { ...child, port };
}

/** Much of AWS in Python, with a CloudFormation; HTTP/1.1 only. */
export const miniStack: EngineAdapter = {
  name: 'ministack',
  services: ['sqs', 'sns', 'kinesis', 'dynamodb', 's3'],
  capabilities: ['loopback'],
  transport: 'http1',
  start: async (cache) => {
    const { port, ...child } = await startMiniStack(cache);
    return { version: MINISTACK_VERSION, endpoint: `http://127.0.0.1:${port}`, ...child };
  },
};
