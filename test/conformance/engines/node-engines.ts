import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { EngineAdapter } from './engine.js';
import { freePort, npmFolder, startProcess } from './toolchain.js';

const [NODE_MAJOR = 20, NODE_MINOR = 0] = process.versions.node.split('.').map(Number);

/** From 2.0 on fauxqs imports `node:sqlite`, which Node has since 22.5. */
const FAUXQS_VERSION = NODE_MAJOR > 22 || (NODE_MAJOR === 22 && NODE_MINOR >= 5) ? '2.4.1' : '1.9.2';
const KINESALITE_VERSION = '3.3.3';
const KINESIS_LOCAL_VERSION = '0.6.2';

/** SQS and SNS in Node. Its own start binds every interface, so the app is built and bound to loopback here. */
export const fauxqs: EngineAdapter = {
  name: 'fauxqs',
  services: ['sqs', 'sns'],
  capabilities: ['loopback'],
  transport: 'sdk-default',
  start: async (cache) => {
    const folder = await npmFolder(cache, `fauxqs-${FAUXQS_VERSION}`, {
      type: 'module',
      dependencies: { fauxqs: FAUXQS_VERSION },
      overrides: { cookie: '^1.0.2' },
    });
    const port = await freePort();
    const script = `import { buildApp } from 'fauxqs'; await buildApp({ logger: false }).listen({ host: '127.0.0.1', port: ${port} });`;
    const args = ['--input-type=module', '--eval', script];
    const child = await startProcess({ command: process.execPath, args, folder, port });
    return { version: FAUXQS_VERSION, endpoint: `http://127.0.0.1:${port}`, ...child };
  },
};

/** Kinesis as of 2018; HTTP/1.1 only. */
export const kinesalite: EngineAdapter = {
  name: 'kinesalite',
  services: ['kinesis'],
  capabilities: ['loopback'],
  transport: 'http1',
  start: async (cache) => {
    const folder = await npmFolder(cache, `kinesalite-${KINESALITE_VERSION}`, {
      dependencies: { kinesalite: KINESALITE_VERSION },
    });
    const port = await freePort();
    const options = '{ createStreamMs: 20, deleteStreamMs: 20, updateStreamMs: 20, shardLimit: 2000 }';
    const args = ['--eval', `require('kinesalite')(${options}).listen(${port}, '127.0.0.1')`];
    const child = await startProcess({ command: process.execPath, args, folder, port });
    return { version: KINESALITE_VERSION, endpoint: `http://127.0.0.1:${port}`, ...child };
  },
};

/** Makes kinesis-local, which binds every interface, bind loopback. */
const LOOPBACK_ONLY = `const net = require('node:net'), listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  if (args[0] && typeof args[0] === 'object') args[0] = { ...args[0], host: '127.0.0.1' };
  return listen.apply(this, args);
};`;

const TRANSITIONS = [
  'CREATE_STREAM',
  'DELETE_STREAM',
  'UPDATE_SHARD_COUNT',
  'SPLIT_SHARD',
  'MERGE_SHARDS',
  'REGISTER_STREAM_CONSUMER',
  'DEREGISTER_STREAM_CONSUMER',
  'START_STREAM_ENCRYPTION',
  'STOP_STREAM_ENCRYPTION',
  'UPDATE_STREAM_MODE',
];

/** kinesis-mock, as npm carries it. SubscribeToShard works over HTTP/1.1 only. */
export const kinesisLocal: EngineAdapter = {
  name: 'kinesis-mock',
  services: ['kinesis'],
  capabilities: ['loopback'],
  transport: 'http1',
  concurrency: 4,
  start: async (cache) => {
    const folder = await npmFolder(cache, `kinesis-local-${KINESIS_LOCAL_VERSION}`, {
      dependencies: { 'kinesis-local': KINESIS_LOCAL_VERSION },
    });
    const main = createRequire(join(folder, 'package.json')).resolve('kinesis-local');
    const preload = join(folder, 'loopback-only.cjs');
    await writeFile(preload, LOOPBACK_ONLY);
    const port = await freePort();
    const child = await startProcess({
      command: process.execPath,
      args: ['--require', preload, main],
      folder,
      port,
      env: {
        ...Object.fromEntries(TRANSITIONS.map((name) => [`${name}_DURATION`, '20ms'])),
        LOG_LEVEL: 'ERROR',
        SHARD_LIMIT: '2000',
        KINESIS_MOCK_CERT_PATH: join(dirname(main), 'server.json'),
        KINESIS_MOCK_PLAIN_PORT: `${port}`,
        KINESIS_MOCK_TLS_PORT: `${await freePort()}`,
      },
    });
    return { version: KINESIS_LOCAL_VERSION, endpoint: `http://127.0.0.1:${port}`, ...child };
  },
};
