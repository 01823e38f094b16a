import type { EngineAdapter } from './engine.js';
import { freePort, pipFolder, pythonCommand, startProcess } from './toolchain.js';

const MOTO_VERSION = '5.2.5';
/** The parts that are installed; the folder is named by them, so that another choice is another installation. */
const EXTRAS = ['sqs', 'sns', 'kinesis', 'dynamodb', 's3', 'server'];

/** Most of AWS in Python, in a virtual environment of its own; HTTP/1.1 only. */
export const moto: EngineAdapter = {
  name: 'moto',
  services: ['sqs', 'sns', 'kinesis', 'dynamodb', 's3'],
  capabilities: ['loopback'],
  transport: 'http1',
  start: async (cache) => {
    const name = `moto-${MOTO_VERSION}-${EXTRAS.join('-')}`;
    const folder = await pipFolder(cache, name, `moto[${EXTRAS.join(',')}]==${MOTO_VERSION}`);
    const port = await freePort();
    const command = pythonCommand(folder, 'moto_server', '--host', '127.0.0.1', '--port', `${port}`);
    const child = await startProcess({ ...command, port });
    return { version: MOTO_VERSION, endpoint: `http://127.0.0.1:${port}`, ...child };
  },
};
