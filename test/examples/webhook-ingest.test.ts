import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { signatureOf } from '../../examples/webhook-ingest/signature.js';
import type { WebhookRequest } from '../../examples/webhook-ingest/receiver.js';
import { eventually } from '../runtime/support/local-queue.js';
import { invokeForQueues } from './support/functions.js';
import { effectsIn } from './support/table.js';
import { describeTemplate } from './support/template.js';

const { run } = describeTemplate('webhook-ingest');
const SECRET = 'shared with the provider';

/** What AWS's extension answers beside a function. */
async function startSecretsExtension(): Promise<Server> {
  const server = createServer((request, response) => {
    const isAsked = request.headers['x-aws-parameters-secrets-token'] === 'session';
    response.statusCode = isAsked && request.url?.endsWith('secretId=arn%3Asecret') === true ? 200 : 403;
    response.end(JSON.stringify({ SecretString: SECRET }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const webhook = (body: string, signature = signatureOf(body, SECRET)): WebhookRequest => ({
  headers: { 'x-signature': signature },
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
});

const event = (id: string, state: string): string => JSON.stringify({ id, payment: 'p1', state });

describe('webhooks that are ingested', () => {
  it('are answered at once, refused without a signature, and handled once', async () => {
    const template = await run();
    const extension = await startSecretsExtension();
    const ledger = template.output('LedgerTable');
    Object.assign(process.env, {
      LEDGER_TABLE: ledger,
      SIGNING_SECRET: 'arn:secret',
      AWS_SESSION_TOKEN: 'session',
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String((extension.address() as AddressInfo).port),
    });
    const receiver = await import('../../examples/webhook-ingest/receiver.js');
    const worker = await import('../../examples/webhook-ingest/worker.js');
    await using workers = invokeForQueues(template, { Payments: worker.handler });

    const answers = [];
    for (const request of [
      webhook(event('e1', 'authorized')),
      webhook(event('e1', 'authorized')), // the provider saw no answer
      webhook(event('e2', 'captured'), signatureOf('something else', SECRET)),
      webhook(event('e2', 'captured'), 'sha256=short'),
      webhook('no JSON'),
      webhook(event('e3', 'unheard of')),
    ])
      answers.push((await receiver.handler(request)).statusCode);
    await eventually('it is handled', async () => 'p1' in (await effectsIn(template, ledger)));
    answers.push((await receiver.handler(webhook(event('e4', 'captured')))).statusCode);
    await eventually('the other is', async () => (await effectsIn(template, ledger))['p1'] !== 'authorized');
    extension.close();
    expect(answers).toEqual([202, 202, 401, 401, 400, 400, 202]);
    expect(await effectsIn(template, ledger)).toEqual({ p1: 'authorized,captured' });
    expect(workers.mappings.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
