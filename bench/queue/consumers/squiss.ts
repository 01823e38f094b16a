import { VISIBILITY_SECONDS } from '../work.js';
import { clientConfig } from './client-config.js';
import type { StartConsumer } from './consumer.js';
import { importPeer } from './peer-module.js';

interface SquissMessage {
  del(): Promise<void>;
}

/** The part of squiss-ts that is used. */
interface SquissModule {
  readonly Squiss: new (options: object) => {
    start(): Promise<void>;
    stop(soft?: boolean, timeoutMs?: number): Promise<boolean>;
    on(event: 'message', listener: (message: SquissMessage) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
  };
}

/** squiss-ts with batched deletes and its timeout extender. */
export const startSquiss: StartConsumer = async ({ place, handle, concurrency, peers }) => {
  const { Squiss } = await importPeer<SquissModule>(peers, 'squiss-ts');
  const squiss = new Squiss({
    awsConfig: clientConfig(place),
    queueUrl: place.url,
    bodyFormat: 'json',
    receiveBatchSize: 10,
    receiveWaitTimeSecs: 20,
    receiveAttributes: ['All'],
    deleteBatchSize: 10,
    deleteWaitMs: 200,
    // What it fetches must fit beside what is being handled, or it receives by dribs and drabs.
    maxInFlight: Math.max(100, concurrency),
    autoExtendTimeout: true,
    visibilityTimeoutSecs: VISIBILITY_SECONDS,
  });
  squiss.on('error', (error) => process.stderr.write(`squiss-ts: ${error.message}\n`));
  squiss.on('message', (message) => {
    void Promise.resolve(handle()).then(() => message.del());
  });
  await squiss.start();
  return {
    stop: async () => {
      await squiss.stop(true, 1_000);
    },
  };
};
