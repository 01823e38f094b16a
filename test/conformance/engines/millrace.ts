import { createLocalAws, type LocalAwsOptions } from '../../../lib/testing/index.js';
import { createManualClock } from './manual-clock.js';
import type { EngineAdapter, RunningEngine } from './engine.js';

const OWN_VERSION = 'this tree';

const serve = async (
  options: LocalAwsOptions,
  advance?: (ms: number) => Promise<void>,
): Promise<RunningEngine> => {
  const aws = await createLocalAws(options);
  return {
    version: OWN_VERSION,
    endpoint: aws.endpoint,
    stop: () => aws.close(),
    ...(advance === undefined ? {} : { advance }),
  };
};

/** The embedded emulator, in this process, over its HTTP port like any other. */
export const millrace: EngineAdapter = {
  name: 'millrace',
  services: ['sqs', 'sns', 'kinesis', 'dynamodb', 's3'],
  capabilities: ['loopback'],
  transport: 'sdk-default',
  start: () => serve({ transitionMs: 20 }),
  startOnManualClock: () => {
    const clock = createManualClock();
    return serve({ clock, transitionMs: 0 }, async (ms) => {
      clock.advance(ms);
      // Deliveries that fell due are promises; they end before the next request is read.
      await new Promise((resolve) => setImmediate(resolve));
    });
  },
};
