import { NotAvailable, type EngineAdapter } from './engine.js';

/**
 * AWS itself, only when asked for: it costs money (cents) and needs credentials. Every name is unique and taken away
 * after its case.
 */
export const aws: EngineAdapter = {
  name: 'aws',
  services: ['sqs', 'sns', 'kinesis', 'dynamodb', 's3'],
  capabilities: [],
  transport: 'sdk-default',
  patience: 6,
  start: () => {
    if (process.env.MILLRACE_CONFORMANCE_AWS !== '1') {
      return Promise.reject(new NotAvailable('set MILLRACE_CONFORMANCE_AWS=1 to run against your account'));
    }
    const hasCredentials =
      process.env.AWS_ACCESS_KEY_ID !== undefined || process.env.AWS_PROFILE !== undefined;
    if (!hasCredentials) return Promise.reject(new NotAvailable('no AWS credentials in the environment'));
    return Promise.resolve({ version: 'live', endpoint: undefined, stop: () => Promise.resolve() });
  },
};
