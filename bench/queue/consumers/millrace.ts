import { SQSClient } from '@aws-sdk/client-sqs';
import { createQueueWorker, on } from '../../../lib/runtime/index.js';
import { bindingOf, JobQueued } from '../work.js';
import { clientConfig } from './client-config.js';
import type { StartConsumer } from './consumer.js';

/** Our worker; `lean` asks the client for its settings only. */
export const startMillrace =
  (transport: 'sdk' | 'lean'): StartConsumer =>
  ({ place, concurrency, handle }) => {
    const sqs = new SQSClient(clientConfig(place));
    const worker = createQueueWorker({
      queue: bindingOf(place),
      idempotency: 'none',
      handlers: [on(JobQueued, () => handle())],
      concurrency,
      transport,
      clients: { sqs },
      signals: false,
    });
    const ended = worker.run();
    ended.catch(() => undefined);
    return Promise.resolve({
      stop: async () => {
        await worker.stop();
        await ended;
        sqs.destroy();
      },
    });
  };
