import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { selfSignedCertificate } from '../../../../lib/emulator/http/certificate.js';
import { createLocalAws } from '../../../../lib/testing/index.js';

const run = promisify(execFile);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An emulated SQS behind TLS, its certificate in a file, and a queue on it. */
async function setup() {
  const aws = await createLocalAws({ dynamodb: false });
  closers.push(() => aws.close());
  const client = new SQSClient(aws.clientConfig);
  closers.push(() => client.destroy());
  const { QueueUrl: queueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const commonName = 'localhost';
  const notAfter = Date.now() + 3_600_000;
  const cert = selfSignedCertificate({ commonName, privateKey, publicKey, notBefore: 0, notAfter });
  const connections: TLSSocket[] = [];
  const server = createServer(
    { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert },
    (socket) => {
      connections.push(socket);
      const behind = connect(Number(new URL(aws.endpoint).port), '127.0.0.1');
      socket.on('error', () => behind.destroy());
      behind.on('error', () => socket.destroy());
      socket.pipe(behind).pipe(socket);
    },
  );
  server.listen(0, 'localhost');
  await once(server, 'listening');
  closers.push(() => {
    for (const connection of connections) connection.destroy();
    server.close();
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-tls-'));
  closers.push(() => rm(folder, { recursive: true }));
  const certificateFile = path.join(folder, 'ca.pem');
  await writeFile(certificateFile, cert);
  const { port } = server.address() as AddressInfo;
  return { queueUrl, endpoint: `https://localhost:${port}`, certificateFile, connections };
}

describe('the lean SQS adapter over TLS', () => {
  it('sends, receives and deletes where the certificate is trusted, on connections it keeps', async () => {
    const { queueUrl, endpoint, certificateFile, connections } = await setup();
    const program = ['--import', 'tsx', 'test/runtime/support/lean-tls-process.ts', endpoint, queueUrl];
    const { stdout } = await run(process.execPath, program, {
      env: { PATH: process.env['PATH'] ?? '', NODE_EXTRA_CA_CERTS: certificateFile },
    });
    expect(JSON.parse(stdout)).toEqual({ sent: 10, intact: 10, deleted: 10 });
    expect(connections).toHaveLength(1);
  }, 30_000);
});
